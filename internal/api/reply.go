package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"relance/internal/plaintext"
)

// reply is what a program gets.
type reply struct {
	// status is 200 unless it is said.
	status int
	// body is encoded as JSON, unless it is bytes: those are YAML.
	body any
	// request is the number of what goes on in the background: where it can be looked at.
	request int64
	// repeated is true for the answer to an earlier request.
	repeated bool
	// delayed is why it is not carried out at once.
	delayed error
}

// accepted is the reply for what is carried out in the background, when something is.
func accepted(body any, request int64, delayed error) reply {
	r := reply{body: body, request: request, delayed: delayed}
	if request != 0 {
		r.status = http.StatusAccepted
	}
	return r
}

func (a *API) write(w http.ResponseWriter, r *http.Request, of reply) {
	if of.request != 0 {
		w.Header().Set("Location", a.Prefix+Root+"/requests/"+strconv.FormatInt(of.request, 10))
	}
	if of.repeated {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	if of.delayed != nil { // it is committed, and carried out within a minute of Temporal's return
		a.Log.Warn("Temporal does not answer; a change is saved and waits", "path", r.URL.Path, "error", of.delayed)
	}
	if of.status == 0 {
		of.status = http.StatusOK
	}
	if yaml, ok := of.body.([]byte); ok {
		w.Header().Set("Content-Type", "application/yaml")
		w.WriteHeader(of.status)
		_, _ = w.Write(yaml)
		return
	}
	a.encode(w, of.status, "application/json", of.body)
}

// encode sends a value as JSON, its times in UTC and its texts without characters that
// hide or reorder others.
func (a *API) encode(w http.ResponseWriter, status int, contentType string, value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(inUTC(value)); err != nil {
		a.Log.Error("an answer cannot be encoded", "error", err)
		http.Error(w, "this answer cannot be encoded; the console's log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(plaintext.JSON(body.String())))
}

// inUTC is a value with all of its times in UTC.
func inUTC(value any) any {
	if value == nil {
		return nil
	}
	to := reflect.New(reflect.TypeOf(value)).Elem()
	to.Set(reflect.ValueOf(value))
	timesInUTC(to)
	return to.Interface()
}

func timesInUTC(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		if v.CanSet() {
			v.Set(reflect.ValueOf(v.Interface().(time.Time).UTC())) //nolint:errcheck // it is one
		}
	case v.Kind() == reflect.Pointer && !v.IsNil() && v.CanSet():
		to := reflect.New(v.Type().Elem())
		to.Elem().Set(v.Elem())
		timesInUTC(to.Elem())
		v.Set(to)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			timesInUTC(v.Index(i))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() || field.Anonymous {
				timesInUTC(v.Field(i))
			}
		}
	}
}
