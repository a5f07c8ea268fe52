// Command apiserver starts a real kube-apiserver with an embedded etcd on loopback, drives it as
// users, service accounts and attackers would, and leaves behind what its two audit backends wrote.
//
// In --out it writes:
//
//	audit.log         what the log backend wrote
//	webhook.ndjson    the EventLists that the webhook backend sent, one a line, as received
//	requests.ndjson   what the driver sent: scenario, audit ID, user, method, URL, status code
//	planted.json      the seed, every canary (a secret) and every innocent (an ordinary value)
//
// With --attacks FILE it does what that file says, at the audit level that --level names, and writes
//
//	audit.log         what the log backend wrote
//	labels.json       the attacks of the file, and which request was which of them or of their twins
//
// With --dry-run FILE it does no such thing, but says which objects of the file the server would take.
//
// With --forward URL every EventList also goes to that receiver, whose answer the API server gets.
// `cargo xtask apiserver-corpus` builds and runs it, and judges what it wrote.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/component-base/version"
)

func main() {
	out := flag.String("out", "", "folder for what is written; is emptied of its own files")
	seed := flag.Uint64("seed", 1, "seed of everything the driver makes up")
	forward := flag.String("forward", "", "URL that EventLists are sent on to")
	shapes := flag.String("shapes", "all", "shapes of tokens: all, or public for those that may be published")
	dryRun := flag.String("dry-run", "", "only ask the API server whether it would take the objects of this file")
	definitions := flag.String("definitions", "", "files of custom resource definitions for that, with commas between")
	attacks := flag.String("attacks", "", "file of attacks to play, each with its twins")
	level := flag.String("level", "RequestResponse", "audit level for that")
	flag.Parse()
	var err error
	if *attacks != "" {
		err = playAttacks(*out, *attacks, *level)
	} else if *dryRun != "" {
		err = ask(*out, *dryRun, strings.FieldsFunc(*definitions, func(letter rune) bool { return letter == ',' }))
	} else {
		err = run(*out, *seed, *forward, *shapes == "all")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// ask starts the API server, asks it whether it would take some objects, and ends it.
func ask(out, file string, definitions []string) error {
	if out == "" {
		return fmt.Errorf("--out is missing")
	}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return err
	}
	// Nothing listens there: what the webhook sends is of no interest.
	server, err := startServer(out, "http://127.0.0.1:9/", "RequestResponse", newPlant(1, false))
	if err != nil {
		return err
	}
	asked := server.dryRun(definitions, file)
	if err := server.stop(); err != nil && asked == nil {
		return err
	}
	return asked
}

func run(out string, seed uint64, forward string, allShapes bool) error {
	if out == "" {
		return fmt.Errorf("--out is missing")
	}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return err
	}
	started := time.Now()
	plant := newPlant(seed, allShapes)
	recorder, err := startRecorder(filepath.Join(out, "webhook.ndjson"), forward)
	if err != nil {
		return err
	}
	hooks, err := startHooks(plant)
	if err != nil {
		return err
	}
	server, err := startServer(out, recorder.url, "RequestResponse", plant)
	if err != nil {
		return err
	}
	fmt.Printf("kube-apiserver %s on %s after %.0f s\n", version.Get().GitVersion, server.host, time.Since(started).Seconds())

	requests, err := os.Create(filepath.Join(out, "requests.ndjson"))
	if err != nil {
		return err
	}
	driver := newDriver(server, plant, hooks, requests)
	driver.all()
	fmt.Printf("%d requests in %d scenarios, %d failed to be sent\n", driver.sent, len(driver.scenarios), driver.unsent)

	// Ends the server only when the webhook has sent all that the driver caused: it throws away what
	// happens while it shuts down.
	time.Sleep(4 * time.Second)
	until := time.Now().UTC()
	if err := server.stop(); err != nil {
		return err
	}
	if err := recorder.close(); err != nil {
		return err
	}
	fmt.Printf("webhook: %d batches, %d forwarded, %d refused\n", recorder.batches, recorder.forwarded, recorder.refused)
	if err := requests.Close(); err != nil {
		return err
	}
	planted := map[string]any{
		"seed":      seed,
		"until":     until.Format("2006-01-02T15:04:05.000000Z"),
		"version":   version.Get().GitVersion,
		"shapes":    map[bool]string{true: "all", false: "public"}[allShapes],
		"canaries":  plant.canaries,
		"innocents": plant.innocents,
	}
	text, err := json.MarshalIndent(planted, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "planted.json"), append(text, '\n'), 0o600)
}
