package console

import (
	"net/http"
	"strings"

	"relance/internal/api"
)

// withAPI serves the API beside the pages. The guards of the pages are about browsers
// and are not around it: only a token counts there, and no session counts.
func (c *Console) withAPI(pages http.Handler) http.Handler {
	programs := api.New(api.Options{Operator: c.Operator, Prefix: c.prefix, Log: c.Log}).Handler()
	underPrefix := http.StripPrefix(c.prefix, programs)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.EscapedPath(); {
		case strings.HasPrefix(path, "/api/"):
			programs.ServeHTTP(w, r)
		case strings.HasPrefix(path, c.prefix+"/api/"):
			underPrefix.ServeHTTP(w, r)
		default:
			pages.ServeHTTP(w, r)
		}
	})
}
