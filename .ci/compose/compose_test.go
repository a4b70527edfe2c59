// Package compose holds docker-compose.yml to the Compose Specification and to the house's rules for it.
// It is a module of its own, so that compose-go does not become a dependency of the product.
package compose

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// environment is a filled-in .env.
var environment = map[string]string{
	"RELANCE_SECRET_KEY":   "c2VjcmV0",
	"POSTGRES_PASSWORD":    "one",
	"RELANCE_DB_PASSWORD":  "two",
	"TEMPORAL_DB_PASSWORD": "three",
	"TEMPORAL_API_KEY":     "handed-through",
}

// oneShot names the services that do their work and end; they need no health check, their exit code is one.
var oneShot = map[string]bool{"temporal-schema": true, "temporal-namespace": true, "migrate": true, "starter": true}

func load(t *testing.T, environment map[string]string) (*types.Project, error) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var variables []string
	for name, value := range environment {
		variables = append(variables, name+"="+value)
	}
	options, err := cli.NewProjectOptions(
		[]string{filepath.Join(root, "docker-compose.yml")},
		cli.WithWorkingDirectory(root),
		cli.WithEnv(variables),
		cli.WithProfiles([]string{"*"}),
	)
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(context.Background())
}

func project(t *testing.T) *types.Project {
	t.Helper()
	project, err := load(t, environment)
	if err != nil {
		t.Fatalf("docker-compose.yml does not load: %v", err)
	}
	return project
}

func TestMissingSecretsAreAskedForByName(t *testing.T) {
	for _, name := range []string{"RELANCE_SECRET_KEY", "POSTGRES_PASSWORD", "RELANCE_DB_PASSWORD", "TEMPORAL_DB_PASSWORD"} {
		missing := map[string]string{}
		for key, value := range environment {
			if key != name {
				missing[key] = value
			}
		}
		if _, err := load(t, missing); err == nil || !strings.Contains(err.Error(), "set "+name+" in .env") {
			t.Errorf("without %s the file has to say what to set, it says: %v", name, err)
		}
	}
}

func TestImagesArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?$`)
	for name, service := range project(t).Services {
		if service.Build != nil {
			if service.Build.Target == "" {
				t.Errorf("%s: names no target of the Dockerfile", name)
			}
			continue
		}
		if !pinned.MatchString(service.Image) {
			t.Errorf("%s: image %q is not pinned to a version", name, service.Image)
		}
	}
	dockerfile, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	gomod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	toolchain := regexp.MustCompile(`(?m)^go (\S+)$`).FindSubmatch(gomod)[1]
	if !strings.Contains(string(dockerfile), "golang:"+string(toolchain)+"-") {
		t.Errorf("the Dockerfile does not build with go %s, which go.mod asks for", toolchain)
	}
}

func TestServicesSayWhenTheyAreHealthy(t *testing.T) {
	for name, service := range project(t).Services {
		if oneShot[name] {
			continue
		}
		if service.HealthCheck == nil || len(service.HealthCheck.Test) < 2 || service.HealthCheck.Test[0] != "CMD" {
			t.Errorf("%s: has no health check of the form [CMD, …]", name)
			continue
		}
		if service.Restart != "unless-stopped" {
			t.Errorf("%s: restart is %q, a service comes back after a reboot: unless-stopped", name, service.Restart)
		}
	}
}

// TestEveryDependencyHasACondition keeps the order of the start: what ends is waited for to end, what serves to be healthy.
func TestEveryDependencyHasACondition(t *testing.T) {
	for name, service := range project(t).Services {
		for on, dependency := range service.DependsOn {
			want := types.ServiceConditionHealthy
			if oneShot[on] {
				want = types.ServiceConditionCompletedSuccessfully
			}
			if dependency.Condition != want {
				t.Errorf("%s depends on %s: %s, want %s", name, on, dependency.Condition, want)
			}
		}
	}
}

func TestPortsArePublishedOnThisMachineOnly(t *testing.T) {
	for name, service := range project(t).Services {
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is published on %q", name, port.Published, port.HostIP)
			}
		}
	}
}

func TestMountedFilesExist(t *testing.T) {
	for name, service := range project(t).Services {
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestWorkers(t *testing.T) {
	worker := project(t).Services["worker"]
	if worker.Deploy == nil || worker.Deploy.Replicas == nil || *worker.Deploy.Replicas != 2 {
		t.Errorf("two workers come up by default, deploy is %+v", worker.Deploy)
	}
	if worker.ContainerName != "" {
		t.Error("a container name stands in the way of a second worker")
	}
	if grace := worker.StopGracePeriod; grace == nil || time.Duration(*grace) <= 10*time.Minute {
		t.Errorf("a worker waits up to ten minutes for the answer to a final dot, stop_grace_period is %v", grace)
	}
	for _, name := range []string{"DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "RELANCE_SECRET_KEY", "RELANCE_WEB_URL", "RELANCE_HTTP_ADDRESS"} {
		if value := worker.Environment[name]; value == nil || *value == "" {
			t.Errorf("worker: %s is not set", name)
		}
	}
	if key := worker.Environment["TEMPORAL_API_KEY"]; key == nil || *key != "handed-through" {
		t.Error("worker: TEMPORAL_API_KEY is not handed through")
	}
	if value, ok := worker.Environment["RELANCE_RETRY"]; ok && value != nil {
		t.Errorf("worker: RELANCE_RETRY was not given and yet is %q: the worker's own default has to hold", *value)
	}
}

func TestTheConsoleAsksWhoPeopleAre(t *testing.T) {
	services := project(t).Services
	console := services["console"]
	if len(console.Profiles) == 0 {
		t.Error("console: without a provider it cannot start, so it has to be asked for with a profile")
	}
	if auth := console.Environment["RELANCE_CONSOLE_AUTH"]; auth == nil || *auth != "oidc" {
		t.Errorf("console: nobody may come in without a sign-in, RELANCE_CONSOLE_AUTH is %v", auth)
	}
	for _, port := range console.Ports {
		for _, other := range services["temporal-ui"].Ports {
			if port.Published == other.Published {
				t.Errorf("console: port %s is the Web UI's", port.Published)
			}
		}
		if url := console.Environment["RELANCE_CONSOLE_URL"]; url == nil || !strings.HasSuffix(*url, ":"+port.Published) {
			t.Errorf("console: RELANCE_CONSOLE_URL is %v, and port %s is published", url, port.Published)
		}
	}
	production, err := os.ReadFile("../../docs/production.md")
	if err != nil {
		t.Fatal(err)
	}
	described := regexp.MustCompile("`(RELANCE_CONSOLE_[A-Z_]+)`").FindAllSubmatch(production, -1)
	if len(described) < 10 {
		t.Errorf("docs/production.md describes %d variables of the console", len(described))
	}
	for _, name := range described {
		if _, ok := console.Environment[string(name[1])]; !ok {
			t.Errorf("console: %s is not handed through", name[1])
		}
	}
}
