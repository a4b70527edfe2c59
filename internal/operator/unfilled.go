package operator

import (
	"context"

	"relance/internal/liquid"
	"relance/internal/store"
	"relance/internal/workspace"
)

// UnfilledVariable is a variable of a template that has no default and that no
// contact has, neither as its own nor as a custom field: most often a slip of the
// hand, or an import that is still to come. A message that prints it cannot be
// rendered for anybody.
type UnfilledVariable struct {
	Campaign string `json:"campaign"`
	StepID   string `json:"stepId"`
	// Part is the text that names it: subject, body or text.
	Part     string `json:"part"`
	Variable string `json:"variable"`
	// Line is the file's, from 1.
	Line int `json:"line"`
	// Meant is the variable that was probably meant.
	Meant string `json:"meant,omitempty"`
}

// unfilledVariables lists them in the order of the file. The database is asked
// for the custom fields only when a template names something that may be one.
func unfilledVariables(ctx context.Context, db *store.Store, templates []workspace.Template) ([]UnfilledVariable, error) {
	unfilled := unfilledBy(templates, nil)
	if len(unfilled) == 0 {
		return nil, nil
	}
	names, anyContact, err := db.FieldNames(ctx)
	if err != nil || !anyContact {
		return nil, err
	}
	return unfilledBy(templates, names), nil
}

func unfilledBy(templates []workspace.Template, customFields []string) []UnfilledVariable {
	var all []UnfilledVariable
	for _, t := range templates {
		for _, v := range liquid.UnfilledBy(t.Text, customFields) {
			all = append(all, UnfilledVariable{
				Campaign: t.Campaign, StepID: t.StepID, Part: t.Part, Variable: v.Key, Line: t.Line(v.Line), Meant: v.Meant,
			})
		}
	}
	return all
}
