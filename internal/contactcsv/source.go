package contactcsv

import (
	"regexp"
	"strings"
)

// The products whose record ids are recognised, by the header of the column.
// A bare "ID" is nobody's: many products write it.
var productOf = map[string]string{
	"recordid": "hubspot", "recordidcontact": "hubspot", "hsobjectid": "hubspot", "contactrecordid": "hubspot",
	"leid": "mailchimp", "euid": "mailchimp",
	"personid": "pipedrive",
}

// The products whose ids show whose they are.
var (
	salesforceID = regexp.MustCompile(`^00[3Q][A-Za-z0-9]{12}([A-Za-z0-9]{3})?$`)
	airtableID   = regexp.MustCompile(`^rec[A-Za-z0-9]{14}$`)
	zohoID       = regexp.MustCompile(`^zcrm_[0-9]{10,}$`)
)

// source names the product that numbered the records, or is empty when nothing
// says so: by the form of the first id, else by the header, else by the other
// headers (Pipedrive writes "Person - Name" beside "Person - ID").
func source(header, first string, headers []string) string {
	switch {
	case salesforceID.MatchString(first):
		return "salesforce"
	case airtableID.MatchString(first):
		return "airtable"
	case zohoID.MatchString(first):
		return "zoho"
	}
	if product := productOf[fold(header)]; product != "" {
		return product
	}
	for _, other := range headers {
		if strings.HasPrefix(other, "Person - ") {
			return "pipedrive"
		}
	}
	return ""
}

// source is the source of the file: the one that the operator names, else that
// of the first record id.
func (f *File) source(p plan, named string) string {
	if named != "" {
		return strings.ToLower(strings.TrimSpace(named))
	}
	columns := p.sources[recordID]
	if len(columns) == 0 {
		return ""
	}
	first := ""
	for _, row := range f.Rows {
		if first = row.Contact.RecordID; first != "" {
			break
		}
	}
	headers := make([]string, len(f.Columns))
	for i, column := range f.Columns {
		headers[i] = column.Header
	}
	return source(f.Columns[columns[0]].Header, first, headers)
}
