package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// body reads the JSON of a request, strictly: a field that is not known, one that is
// given twice and a value of another kind are refused, with their place. No body at all
// is an empty object. It returns the bytes as they came.
func (c *call) body(into any) ([]byte, error) {
	raw, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return raw, nil
	}
	if media, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, &wrong{kind: notJSON, text: fmt.Sprintf("the body comes as %q; expected application/json", c.Header.Get("Content-Type"))}
	}
	if !utf8.Valid(raw) {
		return nil, &wrong{kind: badBody, text: "the body is not UTF-8"}
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := walk(decoder, reflect.TypeOf(into).Elem(), ""); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, &wrong{kind: badBody, text: "something stands behind the JSON value"}
	}
	if err := json.Unmarshal(raw, into); err != nil { // what the kinds do not show
		return nil, &wrong{kind: badBody, text: err.Error()}
	}
	return raw, nil
}

// walk reads one value that is to become a t. pointer is its place.
func walk(d *json.Decoder, t reflect.Type, pointer string) error {
	token, err := d.Token()
	if err != nil {
		return &wrong{kind: badBody, text: "the body is not valid JSON: " + strings.TrimPrefix(err.Error(), "json: ")}
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if token == nil { // null is as if it were left out
		return nil
	}
	fits := false
	switch value := token.(type) {
	case json.Delim:
		switch {
		case value == '{' && t.Kind() == reflect.Struct:
			return object(d, fieldsOf(t), nil, pointer)
		case value == '{' && t.Kind() == reflect.Map:
			return object(d, nil, t.Elem(), pointer)
		case value == '[' && t.Kind() == reflect.Slice:
			for i := 0; d.More(); i++ {
				if err := walk(d, t.Elem(), pointer+"/"+strconv.Itoa(i)); err != nil {
					return err
				}
			}
			return end(d)
		}
	case string:
		if fits = t.Kind() == reflect.String; fits && strings.Contains(value, "\x00") { // PostgreSQL keeps none in a text
			return &wrong{kind: badBody, text: pointer + " has the character U+0000, which no text may have", fields: []FieldError{{pointer, "has the character U+0000"}}}
		}
	case bool:
		fits = t.Kind() == reflect.Bool
	case json.Number:
		_, err := strconv.ParseInt(value.String(), 10, 64)
		fits = t.Kind() == reflect.Int64 && err == nil || t == reflect.TypeFor[contactRef]() && err == nil
	}
	if !fits {
		return invalidKind(pointer, t)
	}
	return nil
}

// object reads the members of an object: those of fields, or of any name with values
// that are to become an each.
func object(d *json.Decoder, fields map[string]reflect.Type, each reflect.Type, pointer string) error {
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return &wrong{kind: badBody, text: "the body is not valid JSON: " + err.Error()}
		}
		name, _ := token.(string)
		if strings.Contains(name, "\x00") {
			return &wrong{kind: badBody, text: "a name in the body has the character U+0000, which no text may have"}
		}
		at := pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		of, known := fields[name]
		switch {
		case seen[name]:
			return &wrong{kind: badBody, text: fmt.Sprintf("the field %q is given twice", name), fields: []FieldError{{at, "is given twice"}}}
		case each != nil:
			of = each
		case !known:
			names := make([]string, 0, len(fields))
			for field := range fields {
				names = append(names, field)
			}
			slices.Sort(names)
			expected := "expected " + strings.Join(names, ", ")
			return &wrong{kind: unknownField, text: fmt.Sprintf("the field %q is not known; %s", name, expected), fields: []FieldError{{at, "is not known; " + expected}}}
		}
		seen[name] = true
		if err := walk(d, of, at); err != nil {
			return err
		}
	}
	return end(d)
}

// end reads the bracket that closes an object or a list.
func end(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return &wrong{kind: badBody, text: "the body is not valid JSON: " + err.Error()}
	}
	return nil
}

// fieldsOf are the types of the fields of a struct by their names in JSON.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields[name] = field.Type
		}
	}
	return fields
}

func invalidKind(pointer string, t reflect.Type) error {
	expected := map[reflect.Kind]string{
		reflect.Struct: "an object", reflect.Map: "an object of texts", reflect.Slice: "a list", reflect.String: "a text", reflect.Bool: "true or false", reflect.Int64: "a whole number",
	}[t.Kind()]
	if t == reflect.TypeFor[contactRef]() {
		expected = "the id of a contact or its address"
	}
	where := pointer
	if where == "" {
		where = "the body"
	}
	return &wrong{kind: badBody, text: where + " is of another kind; expected " + expected, fields: []FieldError{{pointer, "is of another kind; expected " + expected}}}
}
