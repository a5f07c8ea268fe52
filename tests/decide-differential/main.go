// Answers, for audit policies and requests, what kube-apiserver's own evaluator decides and which
// audit event it would write. One JSON object per line in, one per line out, in the same order.
//
//	in:  {"policy": TEXT, "requests": [{"method", "uri", "user": {"name", "groups"} or null,
//	      "body": {"namespace", "name"} or null}]}
//	out: {"error": TEXT} when kube-apiserver would refuse the policy file, else
//	     {"answers": [{"event": {…}, "level", "omitStages", "omitManagedFields"}]}; an answer
//	     without an event is for a request that the API server refuses before it audits it.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"net/http"
	"net/url"
	"os"

	authnv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/apis/audit"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"k8s.io/apiserver/pkg/audit/policy"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/endpoints/request"
)

type question struct {
	Policy   string `json:"policy"`
	Requests []struct {
		Method string `json:"method"`
		URI    string `json:"uri"`
		User   *struct {
			Name   string   `json:"name"`
			Groups []string `json:"groups"`
		} `json:"user"`
		Body *struct {
			Namespace string `json:"namespace"`
			Name      string `json:"name"`
		} `json:"body"`
	} `json:"requests"`
}

type answer struct {
	Event             *auditv1.Event `json:"event,omitempty"`
	Level             audit.Level    `json:"level"`
	OmitStages        []audit.Stage  `json:"omitStages"`
	OmitManagedFields bool           `json:"omitManagedFields"`
}

type reply struct {
	Error   string   `json:"error,omitempty"`
	Answers []answer `json:"answers"`
}

// As kube-apiserver's config.go sets it up.
var requestInfos = request.RequestInfoFactory{
	APIPrefixes:          sets.NewString("api", "apis"),
	GrouplessAPIPrefixes: sets.NewString("api"),
}

func main() {
	log.SetFlags(0)
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for in.Scan() {
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			log.Fatalf("question: %v", err)
		}
		if err := encoder.Encode(answerAll(&q)); err != nil {
			log.Fatal(err)
		}
	}
	if err := in.Err(); err != nil {
		log.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

func answerAll(q *question) reply {
	loaded, err := policy.LoadPolicyFromBytes([]byte(q.Policy))
	if err != nil {
		return reply{Error: err.Error()}
	}
	evaluator := policy.NewPolicyRuleEvaluator(loaded)
	result := reply{Answers: []answer{}}
	for _, r := range q.Requests {
		where, err := url.ParseRequestURI(r.URI)
		if err != nil {
			result.Answers = append(result.Answers, answer{})
			continue
		}
		info, err := requestInfos.NewRequestInfo(&http.Request{Method: r.Method, URL: where})
		if err != nil {
			result.Answers = append(result.Answers, answer{})
			continue
		}
		// filters.GetAuthorizerAttributes, less the selectors, which audit policies do not see.
		attributes := authorizer.AttributesRecord{
			ResourceRequest: info.IsResourceRequest,
			Path:            info.Path,
			Verb:            info.Verb,
			APIGroup:        info.APIGroup,
			APIVersion:      info.APIVersion,
			Resource:        info.Resource,
			Subresource:     info.Subresource,
			Namespace:       info.Namespace,
			Name:            info.Name,
		}
		if r.User != nil {
			attributes.User = &user.DefaultInfo{Name: r.User.Name, Groups: r.User.Groups}
		}
		config := evaluator.EvaluatePolicyRule(attributes)
		event := &auditv1.Event{
			Level:      auditv1.Level(audit.LevelRequestResponse),
			AuditID:    types.UID("0b5f8a5e-0f0f-4b8e-9d6f-3f1f0a9d7c11"),
			Stage:      auditv1.Stage(audit.StageResponseComplete),
			RequestURI: where.RequestURI(),
			Verb:       attributes.Verb,
		}
		event.Kind, event.APIVersion = "Event", "audit.k8s.io/v1"
		// audit.LogRequestMetadata
		if attributes.User != nil {
			event.User = authnv1.UserInfo{Username: r.User.Name, Groups: r.User.Groups}
		}
		if info.IsResourceRequest {
			event.ObjectRef = &auditv1.ObjectReference{
				Namespace:   info.Namespace,
				Name:        info.Name,
				Resource:    info.Resource,
				Subresource: info.Subresource,
				APIGroup:    info.APIGroup,
				APIVersion:  info.APIVersion,
			}
			// audit.LogRequestObject: what the URL does not say comes from the body, after the
			// policy was evaluated.
			if r.Body != nil {
				if event.ObjectRef.Namespace == "" {
					event.ObjectRef.Namespace = r.Body.Namespace
				}
				if event.ObjectRef.Name == "" {
					event.ObjectRef.Name = r.Body.Name
				}
			}
		}
		result.Answers = append(result.Answers, answer{
			Event:             event,
			Level:             config.Level,
			OmitStages:        config.OmitStages,
			OmitManagedFields: config.OmitManagedFields,
		})
	}
	return result
}
