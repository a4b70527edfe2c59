package smsgateway

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// fault is an error as Twilio words it.
type fault struct {
	Status   int    `json:"status"`
	Code     int    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
}

func newFault(status, code int, message string) *fault {
	return &fault{
		Status: status, Code: code, Message: message,
		MoreInfo: fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code),
	}
}

// created is the answer to an accepted message.
type created struct {
	SID          string  `json:"sid"`
	AccountSID   string  `json:"account_sid"`
	Status       string  `json:"status"`
	From         string  `json:"from"`
	To           string  `json:"to"`
	Body         string  `json:"body"`
	DateCreated  string  `json:"date_created"`
	ErrorCode    *int    `json:"error_code"`
	ErrorMessage *string `json:"error_message"`
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	username, password, _ := r.BasicAuth()
	known := subtle.ConstantTimeCompare([]byte(username+":"+password), []byte(AccountSID+":"+AuthToken)) == 1
	if !known || r.PathValue("sid") != AccountSID {
		w.Header().Set("WWW-Authenticate", `Basic realm="Twilio API"`)
		refuse(w, newFault(http.StatusUnauthorized, 20003, "Authenticate"))
		return
	}
	entry := Entry{
		Time: time.Now().UTC(), From: r.PostFormValue("From"), To: r.PostFormValue("To"),
		Text: r.PostFormValue("Body"), SID: newSID(), Answered: !strings.HasSuffix(r.PostFormValue("To"), "0000"),
	}
	if problem := judge(entry); problem != nil {
		if problem.Status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "5")
		}
		refuse(w, problem)
		return
	}
	if err := s.journal.Append(entry); err != nil {
		refuse(w, newFault(http.StatusInternalServerError, 20500, err.Error()))
		return
	}
	s.accepted.Add(1)
	if !entry.Answered {
		panic(http.ErrAbortHandler) // the documented way to cut a connection
	}
	write(w, http.StatusCreated, created{
		SID: entry.SID, AccountSID: AccountSID, Status: "queued",
		From: entry.From, To: entry.To, Body: entry.Text, DateCreated: entry.Time.Format(time.RFC1123Z),
	})
}

// judge returns nil for a message that is accepted.
func judge(entry Entry) *fault {
	switch {
	case entry.To == "":
		return newFault(http.StatusBadRequest, 21604, "A 'To' phone number is required.")
	case !e164.MatchString(entry.To), strings.HasSuffix(entry.To, "0211"):
		return newFault(http.StatusBadRequest, 21211, fmt.Sprintf("Invalid 'To' Phone Number: %s", entry.To))
	case entry.From == "":
		return newFault(http.StatusBadRequest, 21603, "A 'From' phone number is required.")
	case entry.Text == "":
		return newFault(http.StatusBadRequest, 21602, "Message body is required.")
	case strings.HasSuffix(entry.To, "0429"):
		return newFault(http.StatusTooManyRequests, 20429, "Too Many Requests")
	case strings.HasSuffix(entry.To, "0500"):
		return newFault(http.StatusInternalServerError, 20500, "An internal server error has occurred")
	case strings.HasSuffix(entry.To, "0610"):
		return newFault(http.StatusBadRequest, 21610, "Attempt to send to unsubscribed recipient")
	}
	return nil
}

func newSID() string {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails
	return "SM" + hex.EncodeToString(random)
}

func refuse(w http.ResponseWriter, problem *fault) { write(w, problem.Status, problem) }

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that went away is its own affair
}
