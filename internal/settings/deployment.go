package settings

import (
	"errors"
	"fmt"
	"strings"
)

// Deployment is a worker's version, in the terms of Temporal's worker
// versioning. Zero: the worker has no version, and takes whatever work there is.
type Deployment struct{ Name, BuildID string }

// readDeployment reads the two variables that Temporal's Worker Controller for
// Kubernetes sets. One of them alone would be a worker that looks versioned and
// takes the work of others, or none: that is refused at the start.
func readDeployment(name, buildID string) (Deployment, error) {
	switch {
	case name == "" && buildID == "":
		return Deployment{}, nil
	case buildID == "":
		return Deployment{}, errors.New("TEMPORAL_DEPLOYMENT_NAME is set and TEMPORAL_WORKER_BUILD_ID is not; a versioned worker needs both, any other neither")
	case name == "":
		return Deployment{}, errors.New("TEMPORAL_WORKER_BUILD_ID is set and TEMPORAL_DEPLOYMENT_NAME is not; a versioned worker needs both, any other neither")
	case strings.ContainsAny(name, ".:"):
		// The server would refuse every poll, and the worker would stand there idle.
		return Deployment{}, fmt.Errorf("TEMPORAL_DEPLOYMENT_NAME is %q; Temporal allows no . and no : in it", name)
	}
	return Deployment{Name: name, BuildID: buildID}, nil
}
