package cli

import (
	"net/url"

	"relance/internal/temporalio"
)

// webPages makes the addresses of workflows in the Temporal Web UI. The route
// without a run leads to the latest run. The id is one segment of the path, so
// its slashes are escaped.
func (s *session) webPages() (func(workflowID string) string, error) {
	configured, err := s.Settings()
	if err != nil {
		return nil, err
	}
	options, err := temporalio.Options(s.env)
	if err != nil {
		return nil, err
	}
	base := configured.WebURL + "/namespaces/" + url.PathEscape(options.Namespace) + "/workflows/"
	return func(workflowID string) string { return base + url.PathEscape(workflowID) }, nil
}
