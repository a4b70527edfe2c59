package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
)

//go:embed view/*.html static
var files embed.FS

// mediaTypes are what the files of static are; none of another kind is served.
var mediaTypes = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

// asset is a file whose name has the hash of its content, so that it can be kept.
type asset struct {
	path, mediaType string
	content         []byte
}

func newAsset(name string) asset {
	content, err := files.ReadFile("static/" + name)
	if err != nil {
		panic(err) // it is embedded: the program would not have been built
	}
	sum := sha256.Sum256(content)
	return asset{"/static/" + hex.EncodeToString(sum[:6]) + "/" + name, mediaTypes[path.Ext(name)], content}
}

func (a asset) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", a.mediaType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(a.content)
}
