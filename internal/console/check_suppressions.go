package console

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"relance/internal/operator"
)

// suppressionsView is what a file with addresses and domains would do, before anything is kept.
type suppressionsView struct {
	Would operator.WouldSuppress
	// First are the first few of what it has, Kept all of it as the form carries it.
	First []string
	Kept  string
	// Note is for the lines without one of their own. Why says why the file cannot be read.
	Note, Why string
}

// fewTargets is how many of a file's addresses and domains are shown.
const fewTargets = 20

// checkSuppressions shows what a file would do; nothing is kept.
func checkSuppressions(c *Console, r *http.Request, f *frame) (view, error) {
	f.From = "/suppression"
	failed := func(why string) (view, error) {
		return view{"suppressions", "The file", suppressionsView{Why: why}}, nil
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := r.ParseMultipartForm(memory); err != nil {
			if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
				return view{}, tooLarge
			}
			return failed("The file did not arrive whole. Send it again.")
		}
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	} else if err := r.ParseForm(); err != nil {
		return view{}, err
	}
	file, _, err := r.FormFile("file")
	if err != nil {
		return failed("No file was chosen.")
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(file)
	if err != nil {
		return failed("The file did not arrive whole. Send it again.")
	}
	kept, err := operator.NormalSuppressions(content)
	if isInvalid(err) {
		return failed(sentence(err))
	}
	if err != nil {
		return view{}, err
	}
	shown := suppressionsView{Kept: string(kept), Note: asked(r.FormValue("note"))}
	if shown.Would, err = c.Operator.WouldImport(r.Context(), kept); err != nil {
		return view{}, err
	}
	shown.First = shown.Would.Targets[:min(fewTargets, len(shown.Would.Targets))]
	return view{"suppressions", "The file", shown}, nil
}
