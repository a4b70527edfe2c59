package api

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"relance/internal/operator"
)

// enrollments is the body of postEnrollments.
type enrollments struct {
	Source   string    `json:"source"`
	Contacts []contact `json:"contacts"`
	// At is when they begin; see operator.GivenContacts.
	At string `json:"at"`
}

type contact struct {
	ID        int64             `json:"id"`
	RecordID  string            `json:"recordId"`
	Email     string            `json:"email"`
	FirstName string            `json:"firstName"`
	LastName  string            `json:"lastName"`
	Name      string            `json:"name"`
	Company   string            `json:"company"`
	Phone     string            `json:"phone"`
	Fields    map[string]string `json:"fields"`
}

// postEnrollments creates or recognises contacts, and enrolls them in a campaign.
func postEnrollments(c *call) (reply, error) {
	var body enrollments
	raw, err := c.body(&body)
	if err != nil {
		return reply{}, err
	}
	if len(body.Contacts) > operator.MaxContacts {
		return reply{}, &wrong{kind: tooLarge, text: fmt.Sprintf("the body has %d contacts; expected at most %d", len(body.Contacts), operator.MaxContacts)}
	}
	given := operator.GivenContacts{Source: body.Source, At: body.At}
	if given.Once, err = c.once(raw); err != nil {
		return reply{}, err
	}
	for _, of := range body.Contacts {
		given.Contacts = append(given.Contacts, operator.GivenContact{ID: of.ID, ContactValues: operator.ContactValues{
			FirstName: of.FirstName, LastName: of.LastName, FullName: of.Name, Company: of.Company, Email: of.Email, Phone: of.Phone,
			RecordID: of.RecordID, Fields: of.Fields,
		}})
	}
	done, err := c.by.EnrollContacts(c.Context(), c.PathValue("key"), given)
	if err != nil {
		return reply{}, err
	}
	r := accepted(done, done.RequestID, done.Delayed)
	r.repeated = done.Repeated
	return r, nil
}

// once is the request's Idempotency-Key, if it has one.
func (c *call) once(raw []byte) (operator.Once, error) {
	const header, longest = "Idempotency-Key", 255
	values := c.Header.Values(header)
	if len(values) == 0 {
		return operator.Once{}, nil
	}
	key := values[0]
	printable := !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
	if len(values) > 1 || key == "" || len(key) > longest || !printable {
		text := fmt.Sprintf("the header %s is not one key; expected up to %d printable ASCII characters without blanks, for example a UUID", header, longest)
		return operator.Once{}, &wrong{kind: badParameter, text: text, fields: []FieldError{{header, text}}}
	}
	request := append([]byte(c.Method+" "+c.URL.EscapedPath()+"\n"), raw...)
	return operator.Once{Token: c.token.ID, Key: key, Request: sha256.Sum256(request)}, nil
}
