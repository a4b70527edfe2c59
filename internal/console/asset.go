package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
)

//go:embed view/*.html static
var files embed.FS

// asset is a file whose name has the hash of its content, so that it can be kept.
type asset struct {
	path    string
	content []byte
}

func newAsset(name string) asset {
	content, err := files.ReadFile("static/" + name)
	if err != nil {
		panic(err) // it is embedded: the program would not have been built
	}
	sum := sha256.Sum256(content)
	return asset{"/static/" + hex.EncodeToString(sum[:6]) + "/" + name, content}
}

func (a asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != a.path {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(a.content)
}
