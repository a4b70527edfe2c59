package unsubscribe

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// Links makes and reads links. The zero value makes none, and reads none.
type Links struct {
	// base is the public address of the page, without a slash at the end.
	base string
	key  []byte
}

// ErrNotOurs says that a token was not made here.
var ErrNotOurs = errors.New("the link is not complete, or is not ours")

// New makes links under the public address base, signed with a key that is drawn from the
// secret key of the installation. Without either there are none.
func New(base string, secretKey []byte) Links {
	if base == "" || len(secretKey) == 0 {
		return Links{key: derived(secretKey)}
	}
	return Links{base: strings.TrimRight(base, "/"), key: derived(secretKey)}
}

// derived keeps this use of the secret key apart from all others.
func derived(secretKey []byte) []byte {
	if len(secretKey) == 0 {
		return nil
	}
	mac := hmac.New(sha256.New, secretKey)
	mac.Write([]byte("relance unsubscribe 1"))
	return mac.Sum(nil)
}

const (
	path    = "/u/"
	macSize = 15
)

// URL is the address of the page for an enrollment; empty when there is no public address. For
// one that there is not yet, 0, it is an address that leads to nobody: for previews.
func (l Links) URL(enrollmentID int64) string {
	switch {
	case l.base == "":
		return ""
	case enrollmentID <= 0:
		return l.base + path + "preview"
	}
	return l.base + path + l.Token(enrollmentID)
}

// Mailto is the address of a mail that asks the same of a mailbox that is read (RFC 6068);
// empty without a key.
func (l Links) Mailto(address string, enrollmentID int64) string {
	token := l.Token(enrollmentID)
	if token == "" || enrollmentID <= 0 {
		return ""
	}
	local, domain, _ := strings.Cut(address, "@")
	return "mailto:" + url.PathEscape(local) + "@" + domain + "?subject=unsubscribe%20" + token
}

// Token is the signed number of an enrollment, in letters that a URL may have.
func (l Links) Token(enrollmentID int64) string {
	if l.key == nil {
		return ""
	}
	number := binary.AppendUvarint(nil, uint64(max(0, enrollmentID)))
	return base64.RawURLEncoding.EncodeToString(append(l.sign(number), number...))
}

// Read returns the enrollment of a token, or ErrNotOurs.
func (l Links) Read(token string) (enrollmentID int64, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || l.key == nil || len(raw) <= macSize {
		return 0, ErrNotOurs
	}
	mac, number := raw[:macSize], raw[macSize:]
	if !hmac.Equal(mac, l.sign(number)) {
		return 0, ErrNotOurs
	}
	id, n := binary.Uvarint(number)
	if n != len(number) || id == 0 || id > 1<<62 {
		return 0, ErrNotOurs
	}
	return int64(id), nil
}

func (l Links) sign(number []byte) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write(number)
	return mac.Sum(nil)[:macSize]
}

var asked = regexp.MustCompile(`(?i)\bunsubscribe([ +_]+[A-Za-z0-9_-]{20,50})`)

// InSubject reads the token in the subject of a mail that Mailto has asked for.
func (l Links) InSubject(subject string) (enrollmentID int64, ok bool) {
	found := asked.FindStringSubmatch(subject)
	if found == nil {
		return 0, false
	}
	// A token may begin with the character that some programs write for a space.
	for token := strings.TrimLeft(found[1], " +"); ; token = token[1:] {
		id, err := l.Read(token)
		if err == nil || !strings.HasPrefix(token, "_") {
			return id, err == nil
		}
	}
}
