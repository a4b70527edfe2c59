package inbound

import (
	"strings"

	"relance/internal/inbound/pattern"
)

var (
	daemonAddress = pattern.New(`^(?:mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|mdaemon|daemon|mailadmin|mail[-_.]?(?:delivery|server|system|admin)|bounces?|delivery|mds|maildelivery|antispam|amavis|microsoftexchange[0-9a-f]+|symantec\w*|mta|smtp|virusalert)(?:[+\-._][^@]*)?@|^(?:mailer-daemon|postmaster)$`)
	daemonName    = pattern.AnyOf(`mail(er)?[- ]?deliver(y|er)? ?(sub)?-?system`, `mail delivery (service|agent|system|sub)`, `mailer[- ]?daemon`, `system administrator`, `^postmaster`, `mail administrator`, `internet mail (delivery|service)`, `delivery (sub)?system`, `mail system`, `microsoft (outlook|exchange)`, `mail transport`, `zustellsystem|systemadministrator|administrateur systeme|administrador del sistema|amministratore di sistema`)
	noReply       = pattern.New(`^(?:no|not|do[-_.]?not|donot)[-_.]?(?:reply|replay|answer|respond)|^(?:ne[-_.]?pas[-_.]?repondre|noresponder|nao[-_.]?responda|keine[-_.]?antwort)`)
)

// fromDaemon says whether the sender is a mail system by its address or name.
func fromDaemon(m Mail) bool {
	for _, a := range append(append([]Address{}, m.From...), m.Sender...) {
		if daemonAddress.MatchString(a.Address) || daemonName.MatchString(fold(a.Name)) {
			return true
		}
	}
	return daemonAddress.MatchString(m.ReturnPath)
}

// fromMachine says whether anything about the mail's envelope and header says that a
// machine wrote it; that is no verdict yet: vacation answers say it too.
func fromMachine(m Mail) bool {
	// What a rule forwards may have a null reverse-path, and is a person's all the same.
	forwarded := strings.HasPrefix(m.AutoSubmitted, "auto-forwarded")
	if fromDaemon(m) || m.ReturnPath == "<>" && !forwarded || m.Header.Get("X-Failed-Recipients") != "" {
		return true
	}
	if s := m.AutoSubmitted; s != "" && !strings.HasPrefix(s, "no") && !strings.HasPrefix(s, "auto-forwarded") {
		return true
	}
	for _, a := range m.From {
		if noReply.MatchString(a.Address) || a.Address == "" {
			return true
		}
	}
	return strings.Contains(strings.ToLower(m.Header.Get("Content-Type")), "multipart/report") || len(m.From) == 0
}
