package console

import (
	"net/http"
	"net/url"
	"strconv"

	"relance/internal/operator"
)

// doResumePart has those try again that were chosen, or all that match.
func doResumePart(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	if err := chosen(form); err != nil {
		return "", err
	}
	done, err := by.ResumePart(r.Context(), partOf(form.Get("code"), form.Get("cause"), form), form.Get("note"), operator.How{})
	if err != nil {
		return "", err
	}
	return "They try again. " + goOnText(done.Requested-done.Ended, done.Ended, done.Delayed), nil
}

// chosen refuses a form that does not say what it has shown, or of which contacts it
// speaks.
func chosen(form url.Values) error {
	switch {
	case !isNumber(form.Get("seen")):
		return &operator.Invalid{Field: "seen", Text: "the form does not say what it has shown; load the page again"}
	case form.Get("which") != "these" && form.Get("which") != "all":
		return &operator.Invalid{Field: "which", Text: "the form does not say whether it means these or all; load the page again"}
	case form.Get("which") == "these" && len(numbersOf(form["park"])) == 0:
		return &operator.Invalid{Field: "park", Text: "nobody is selected; select some in the table, or take all that match"}
	}
	return nil
}

func isNumber(text string) bool {
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil
}

// numbersOf are the numbers among texts, never nil.
func numbersOf(texts []string) []int64 {
	numbers := []int64{}
	for _, text := range texts {
		if number, err := strconv.ParseInt(text, 10, 64); err == nil {
			numbers = append(numbers, number)
		}
	}
	return numbers
}
