package imap

import (
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Role is what a folder is for.
type Role string

// The roles of folders that a reader looks into. A folder without a role is one of the
// operator's choice.
const (
	Inbox Role = "inbox"
	Junk  Role = "junk"
	Sent  Role = "sent"
	// All is Gmail's folder of everything but junk and trash, which finds what has been
	// archived or sorted away before anyone has looked.
	All   Role = "all"
	Other Role = ""
)

// Folder is a folder of a mailbox, by its name as people read it (decoded from modified
// UTF-7, RFC 3501 §5.1.3).
type Folder struct {
	Name string
	Role Role
}

// special are the attributes of RFC 6154 that say a role.
var special = map[imap.MailboxAttr]Role{imap.MailboxAttrJunk: Junk, imap.MailboxAttrSent: Sent, imap.MailboxAttrAll: All}

// usual are the names that servers and mail clients give to folders, in small letters,
// for servers that do not say roles.
var usual = map[Role][]string{
	Junk: {
		"junk", "spam", "junk e-mail", "junk email", "junk mail", "bulk mail", "bulk", // English
		"junk-e-mail", "spamverdacht", "werbung", "unerwünscht", // German
		"courrier indésirable", "indésirables", "pourriel", "pourriels", // French
		"ongewenste e-mail", "ongewenste post", "ongewenst", "reclame", // Dutch
		"correo no deseado", "no deseado", // Spanish
		"posta indesiderata", "indesiderata", // Italian
		"lixo eletrônico", "lixo electrónico", "lixo", // Portuguese
		"skräppost", "søppelpost", "uønsket e-mail", "uønsket mail", "roskaposti", // Nordic
		"wiadomości-śmieci", "niechciane", "nevyžádaná pošta", "levélszemét", "нежелательная почта", "спам",
		"迷惑メール", "垃圾邮件", "垃圾郵件",
	},
	Sent: {
		"sent", "sent items", "sent mail", "sent messages", "sent-mail", "outbox sent", // English
		"gesendet", "gesendete objekte", "gesendete elemente", "gesendete nachrichten", "postausgang", // German
		"éléments envoyés", "messages envoyés", "envoyés", "courrier envoyé", "objets envoyés", // French
		"verzonden items", "verzonden", "verzonden berichten", // Dutch
		"enviados", "elementos enviados", "mensajes enviados", "correo enviado", // Spanish
		"posta inviata", "inviata", "inviati", "elementi inviati", "messaggi inviati", // Italian
		"itens enviados", "mensagens enviadas", "enviadas", // Portuguese
		"skickat", "skickade objekt", "sendte elementer", "sendt", "sendt post", "lähetetyt", // Nordic
		"elementy wysłane", "wysłane", "odeslaná pošta", "odeslané", "elküldött elemek", "отправленные", //nolint:misspell // Polish, among others
		"送信済み", "送信済みアイテム", "已发送", "已发送邮件", "寄件備份",
	},
}

// byName is the role that a name usually has. Only a folder at the top, or right below
// the folder in which the server keeps all of them, is taken for it.
func byName(name string, delimiter rune) Role {
	if delimiter != 0 {
		above, below, nested := strings.Cut(name, string(delimiter))
		if nested && (strings.EqualFold(above, "INBOX") || above == "[Gmail]" || above == "[Google Mail]") {
			name = below
		}
	}
	name = strings.ToLower(name)
	for role, names := range usual {
		for _, one := range names {
			if name == one {
				return role
			}
		}
	}
	return Other
}

// assign gives the listed folders their roles: by the attributes of the server, and by
// name those roles that no attribute has said. INBOX is always there (RFC 3501 §5.1).
func assign(listed []*imap.ListData, isGmail bool) []Folder {
	folders := []Folder{{Name: "INBOX", Role: Inbox}}
	seen := map[string]bool{}
	said := map[Role]bool{}
	for _, one := range listed {
		if role := attributed(one.Attrs, isGmail); role != Other {
			said[role] = true
		}
	}
	for _, one := range listed {
		if strings.EqualFold(one.Mailbox, "INBOX") || unselectable(one.Attrs) || seen[one.Mailbox] {
			continue
		}
		seen[one.Mailbox] = true
		role := attributed(one.Attrs, isGmail)
		if guess := byName(one.Mailbox, one.Delim); role == Other && !said[guess] {
			role = guess
		}
		folders = append(folders, Folder{Name: one.Mailbox, Role: role})
	}
	return folders
}

func attributed(attributes []imap.MailboxAttr, isGmail bool) Role {
	for _, one := range attributes {
		if role, ok := special[one]; ok && (role != All || isGmail) {
			return role
		}
	}
	return Other
}

func unselectable(attributes []imap.MailboxAttr) bool {
	for _, one := range attributes {
		if one == imap.MailboxAttrNoSelect || one == imap.MailboxAttrNonExistent {
			return true
		}
	}
	return false
}
