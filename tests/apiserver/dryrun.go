package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
)

// dryRun asks the API server whether it would take the objects of a file: server-side apply with
// dryRun=All and strict field validation. Definitions of custom resources are created before, for
// real, and so are namespaces that objects are in. It prints a line per object.
func (s *server) dryRun(definitions []string, file string) error {
	config := s.config()
	config.CertData, config.KeyData = s.adminCert, s.adminKey
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	found, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return err
	}
	mapper := func() (apimeta.RESTMapper, error) {
		groups, err := restmapper.GetAPIGroupResources(found)
		return restmapper.NewDiscoveryRESTMapper(groups), err
	}
	apply := func(object *unstructured.Unstructured, dry bool) error {
		kinds, err := mapper()
		if err != nil {
			return err
		}
		kind := object.GroupVersionKind()
		mapping, err := kinds.RESTMapping(kind.GroupKind(), kind.Version)
		if err != nil {
			return err
		}
		var resource dynamic.ResourceInterface = client.Resource(mapping.Resource)
		if mapping.Scope.Name() == apimeta.RESTScopeNameNamespace {
			if object.GetNamespace() == "" {
				return fmt.Errorf("no namespace")
			}
			resource = client.Resource(mapping.Resource).Namespace(object.GetNamespace())
		}
		text, err := object.MarshalJSON()
		if err != nil {
			return err
		}
		options := metav1.PatchOptions{FieldManager: "auditweir-test", FieldValidation: metav1.FieldValidationStrict}
		if dry {
			options.DryRun = []string{metav1.DryRunAll}
		}
		_, err = resource.Patch(background, object.GetName(), types.ApplyPatchType, text, options)
		return err
	}
	for _, definition := range definitions {
		objects, err := objectsOf(definition)
		if err != nil {
			return err
		}
		for _, object := range objects {
			if err := apply(object, false); err != nil {
				return fmt.Errorf("%s: %w", definition, err)
			}
		}
	}
	objects, err := objectsOf(file)
	if err != nil {
		return err
	}
	namespaces := map[string]bool{}
	refused := 0
	for _, object := range objects {
		if name := object.GetNamespace(); name != "" && !namespaces[name] {
			namespaces[name] = true
			namespace := &unstructured.Unstructured{Object: map[string]any{
				"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
			}}
			if err := apply(namespace, false); err != nil && !apierrors.IsAlreadyExists(err) {
				return err
			}
		}
		err := apply(object, true)
		// A definition that was just created is served a moment later.
		for deadline := time.Now().Add(20 * time.Second); unknown(err) && time.Now().Before(deadline); {
			time.Sleep(200 * time.Millisecond)
			err = apply(object, true)
		}
		what := fmt.Sprintf("%s %s/%s", object.GetKind(), object.GetNamespace(), object.GetName())
		if err != nil {
			refused++
			fmt.Printf("refused  %s: %v\n", what, err)
		} else {
			fmt.Printf("accepted %s\n", what)
		}
	}
	fmt.Printf("%d objects, %d refused\n", len(objects), refused)
	if refused > 0 || len(objects) == 0 {
		return fmt.Errorf("the API server refused %d of %d objects", refused, len(objects))
	}
	return nil
}

func unknown(err error) bool {
	return err != nil && (apimeta.IsNoMatchError(err) || apierrors.IsNotFound(err))
}

func objectsOf(file string) ([]*unstructured.Unstructured, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	decoder := yaml.NewYAMLOrJSONDecoder(opened, 4096)
	var objects []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(&object.Object); errors.Is(err, io.EOF) {
			return objects, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}
