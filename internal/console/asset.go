package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"strings"
)

//go:embed view/*.html static
var files embed.FS

// asset is a file whose name has the hash of its content, so that it can be kept.
type asset struct {
	path, kind string
	content    []byte
}

func newAsset(name string) asset {
	content, err := files.ReadFile("static/" + name)
	if err != nil {
		panic(err) // it is embedded: the program would not have been built
	}
	sum := sha256.Sum256(content)
	kind := "text/css; charset=utf-8"
	if strings.HasSuffix(name, ".js") {
		kind = "text/javascript; charset=utf-8"
	}
	return asset{"/static/" + hex.EncodeToString(sum[:6]) + "/" + name, kind, content}
}

func (a asset) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(a.content)
}
