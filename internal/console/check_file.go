package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"relance/internal/operator"
)

// fileView is what a filled file says, before anything is kept.
type fileView struct {
	operator.FillFile
	Part operator.Part
	// First are the first few values, Kept all of them as the form carries them.
	First []operator.FillValue
	Kept  string
	Seen  int64
	// Why says why the file cannot be read. Back is the page that it was sent from.
	Why, Back string
}

// memory is how much of an uploaded file is kept in memory.
const memory = 4 << 20

// checkFile shows what a filled file says; nothing is kept.
func checkFile(c *Console, r *http.Request, f *frame) (view, error) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := r.ParseForm(); err != nil {
			return view{}, err
		}
	} else if err := r.ParseMultipartForm(memory); err != nil {
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			return view{}, tooLarge
		}
		return view{"file", "The file", fileView{Why: "The file did not arrive whole. Send it again.", Back: c.prefix + "/"}}, nil
	}
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	f.From = returnTo(r.FormValue("from")).String()
	shown := fileView{Part: partOf(r.FormValue("code"), r.FormValue("cause"), url.Values{}), Back: c.prefix + f.From}
	content, _, err := r.FormFile("file")
	if err != nil {
		shown.Why = "No file was chosen."
		return view{"file", "The file", shown}, nil
	}
	defer func() { _ = content.Close() }()
	if shown.Seen, err = c.Operator.SeenUntil(r.Context()); err != nil { // before the file: what is fixed meanwhile was not seen
		return view{}, err
	}
	shown.FillFile, err = c.Operator.ReadFillFile(r.Context(), shown.Part, content)
	var invalid *operator.Invalid
	if errors.As(err, &invalid) {
		shown.Why = sentence(err)
		return view{"file", "The file", shown}, nil
	}
	if err != nil {
		return view{}, err
	}
	const few = 20
	shown.First = shown.Values[:min(few, len(shown.Values))]
	kept, err := json.Marshal(shown.Values)
	shown.Kept = string(kept)
	return view{"file", "The file", shown}, err
}

// mostProblems is how many problems of a file are listed.
const mostProblems = 50

// FirstProblems are the first few problems, MoreProblems counts the others.
func (v fileView) FirstProblems() []operator.FileProblem {
	return v.Problems[:min(mostProblems, len(v.Problems))]
}

// MoreProblems counts the problems that are not shown.
func (v fileView) MoreProblems() int { return len(v.Problems) - len(v.FirstProblems()) }

// doKeepFile keeps the values of a file that was looked at.
func doKeepFile(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	seen, err := strconv.ParseInt(form.Get("seen"), 10, 64)
	var values []operator.FillValue
	if err != nil || json.Unmarshal([]byte(form.Get("values")), &values) != nil || len(values) == 0 {
		return "", &operator.Invalid{Field: "file", Text: "the form does not have the values of a file; upload it again"}
	}
	slices.SortStableFunc(values, func(a, b operator.FillValue) int { return int(a.ContactID - b.ContactID) })
	fillings := make([]filling, len(values))
	for i, value := range values {
		if value.Name == "" || strings.TrimSpace(value.Value) == "" {
			return "", &operator.Invalid{Field: "file", Text: "the form does not have the values of a file; upload it again"}
		}
		key := valuePrefix + joined([]any{value.ContactID, value.Name})
		fillings[i] = filling{key, value.Name, value.Value, operator.ContactFill{ID: value.ContactID, Edit: operator.EditOf(value.Name, value.Value), Seen: seen}}
	}
	return fillIn(r, by, fillings)
}
