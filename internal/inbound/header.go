package inbound

import (
	"bytes"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"relance/internal/inbound/pattern"
	"relance/internal/plaintext"
)

// fromHeader takes from a header what the verdict and the matching need.
func fromHeader(h textproto.MIMEHeader) Mail {
	m := Mail{
		Header:        decodedHeader(h),
		MessageID:     firstID(h.Get("Message-Id")),
		InReplyTo:     idsIn(h["In-Reply-To"]...),
		References:    idsIn(h["References"]...),
		From:          addressesIn(h["From"]),
		Sender:        addressesIn(h["Sender"]),
		ReplyTo:       addressesIn(h["Reply-To"]),
		To:            addressesIn(h["To"]),
		Cc:            addressesIn(h["Cc"]),
		Subject:       plaintext.Line(decodeField(h.Get("Subject")), 1000),
		AutoSubmitted: strings.ToLower(plaintext.Line(h.Get("Auto-Submitted"), plaintext.Name)),
		RelanceID:     plaintext.Line(h.Get("X-Relance-Id"), mostID),
		ReturnPath:    returnPath(h),
	}
	slices.Reverse(m.References) // RFC 5322 §3.6.4 writes the oldest first
	m.Date = dateIn(h.Get("Date"))
	m.Arrived = m.Date
	if newest := h.Get("Received"); newest != "" {
		if at := dateIn(newest[strings.LastIndexByte(newest, ';')+1:]); !at.IsZero() {
			m.Arrived = at
		}
	}
	return m
}

// looseHeader reads a header line by line and takes whatever looks like a field, up to
// the first blank line: for what no parser takes, and for embedded headers.
func looseHeader(raw []byte) textproto.MIMEHeader {
	h := textproto.MIMEHeader{}
	var name string
	for line := range bytes.Lines(raw) {
		text := strings.TrimRight(string(line), "\r\n")
		if strings.TrimSpace(text) == "" {
			break
		}
		if text[0] == ' ' || text[0] == '\t' {
			if vs := h[name]; len(vs) > 0 {
				vs[len(vs)-1] += " " + strings.TrimSpace(text)
			}
			continue
		}
		field, value, ok := strings.Cut(text, ":")
		if !ok || !fieldName.MatchString(field) {
			name = ""
			continue
		}
		name = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(field))
		h[name] = append(h[name], strings.TrimSpace(value))
	}
	return h
}

var (
	fieldName   = pattern.New(`^[!-9;-~]+[ \t]*$`)
	bracketedID = pattern.New(`<\s*([^<>\s]+)\s*>`)
	bareID      = pattern.New(`[^\s<>,;"()]+@[^\s<>,;"()]+`)
)

// mostID is the longest id that is believed: a line has 998 octets (RFC 5322 §2.1.1).
const mostID = 998

// idsIn finds the message ids of fields, without brackets and without repetition. Some
// programs leave the brackets out.
func idsIn(fields ...string) []string {
	var ids []string
	for _, f := range fields {
		found := bracketedID.FindAllStringSubmatch(f, 200)
		if found == nil {
			found = bareID.FindAllStringSubmatch(f, 200)
		}
		for _, m := range found {
			if id := plaintext.Line(m[len(m)-1], mostID); id != "" && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func firstID(field string) string {
	if ids := idsIn(field); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

var addressParser = mail.AddressParser{WordDecoder: &wordDecoder}

var looseAddress = pattern.New(`[^\s<>,;:"()\[\]]+@[^\s<>,;:"()\[\]]+`)

// addressesIn reads address fields; of one that is not well-formed it takes whatever
// looks like an address.
func addressesIn(fields []string) []Address {
	var out []Address
	for _, f := range fields {
		if list, err := addressParser.ParseList(f); err == nil {
			for _, a := range list {
				out = append(out, Address{Name: plaintext.Line(a.Name, plaintext.Name), Address: plainAddress(a.Address)})
			}
			continue
		}
		// A name with a comma in an encoded word (RFC 2047 §5(3) forbids it) is common.
		found := looseAddress.FindAllString(f, 200)
		for _, a := range found {
			name := ""
			if before, _, ok := strings.Cut(f, "<"); ok && len(found) == 1 {
				name = plaintext.Line(strings.Trim(decodeField(before), ` "`), plaintext.Name)
			}
			out = append(out, Address{Name: name, Address: plainAddress(a)})
		}
		if len(found) == 0 && strings.TrimSpace(f) != "" {
			out = append(out, Address{Name: plaintext.Line(decodeField(f), plaintext.Name)})
		}
	}
	return out
}

// plainAddress is an address as it is compared: lower case, and characters that can be seen.
func plainAddress(a string) string {
	return plaintext.Line(strings.ToLower(strings.Trim(a, ".'")), plaintext.Name)
}

func returnPath(h textproto.MIMEHeader) string {
	path, ok := h["Return-Path"]
	if !ok {
		return ""
	}
	if a := looseAddress.FindString(path[0]); a != "" {
		return plainAddress(a)
	}
	return "<>"
}

// dateIn reads a date of RFC 5322 §3.3; zero when it is none.
func dateIn(text string) time.Time {
	at, err := mail.ParseDate(strings.TrimSpace(text))
	if err != nil || at.Year() < 1990 || at.Year() > 2200 {
		return time.Time{}
	}
	return at
}
