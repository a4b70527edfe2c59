package reply

// codeRules are the last resort: the basic code and the phase (RFC 5321 §4.2.3, §4.3.2).
var codeRules = []rule{
	{codes: []int{556, 521}, phases: []Phase{Rcpt},
		verdict: HardBounce, reason: "the server says that this address's domain takes no mail (RFC 7504 §4)"},
	{phases: []Phase{Connect, Ehlo, StartTLS, Mail, Data, Dot}, class: 4,
		verdict: Transient, reason: "the server refuses for now and asks for another try (RFC 5321 §4.2.1, 4yz)"},
	{phases: []Phase{Rcpt}, codes: []int{450, 452},
		verdict: SoftBounce, reason: "the server says that this mailbox cannot take the message now (RFC 5321 §4.2.3)"},
	{phases: []Phase{Rcpt}, class: 4,
		verdict: Transient, reason: "the server refuses for now and asks for another try (RFC 5321 §4.2.1, 4yz)"},
	{phases: []Phase{Connect}, class: 5,
		verdict: PolicyBlock, reason: "the server turns the connection away at its greeting (RFC 5321 §3.1, 554)"},
	{phases: []Phase{Ehlo}, class: 5,
		verdict: AccountError, reason: "the server does not accept the name that our side gives for itself (RFC 5321 §4.1.1.1)"},
	{phases: []Phase{Mail}, codes: []int{552, 555},
		verdict: MessageDefect, reason: "the server says at MAIL that it does not take a message of this size or kind (RFC 1870 §6.1, RFC 5321 §4.1.1.11)"},
	{phases: []Phase{Mail}, codes: []int{500, 501, 502, 503, 504, 550, 553},
		verdict: AccountError, reason: "the server does not accept this sender (RFC 5321 §4.3.2, MAIL)"},
	{phases: []Phase{Rcpt}, codes: []int{552},
		verdict: SoftBounce, reason: "the server says that this mailbox has no room (RFC 5321 §4.2.3, 552)"},
	{phases: []Phase{Rcpt}, codes: []int{501, 510, 511, 512, 513, 540, 542, 543, 550, 551, 553},
		verdict: HardBounce, reason: "the server refuses this recipient for good (RFC 5321 §4.2.3, 550)"},
	{phases: []Phase{Data, Dot}, codes: []int{500, 501, 502, 503, 504, 552, 555},
		verdict: MessageDefect, reason: "the server does not take the message as it is (RFC 5321 §4.2.3)"},
	{class: 5,
		verdict: PolicyBlock, reason: "the server refuses this for good and does not say why (RFC 5321 §4.2.1, 5yz)"},
}
