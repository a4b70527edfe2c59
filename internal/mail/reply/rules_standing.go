package reply

// standingRules judge what the sending service says of this account's standing with it: a
// trial, a sandbox, an account that is still looked at. They say "verified recipients" and
// "inactive", and mean nobody's mailbox.
var standingRules = []rule{
	{phases: []Phase{Auth, Mail, Rcpt, Data, Dot}, text: oneOf(
		`\b(in|for|from) (the |your |a )?sandbox|sandbox (mode|accounts?|domains?|subdomains?|environment)`,
		`(trial|free|test|demo|evaluation|unpaid|unapproved) (accounts?|plans?|subscriptions?|domains?|tier|customers?)\b.{0,60}(only|not|cannot|verified|test|upgrade|over|ended|expired|must|limited to)`,
		`trial( period| version| account)? (is|has|was) (over|ended|expired|finished)|(subscription|plan|trial)( period)? (has |is |was )?(over|ended|expired|lapsed|cancell?ed|terminated)`,
		`(account|user|domain|sender)s?( \S+)? (is |are )?(still )?(pending|awaiting|under) (approval|review|activation|verification|confirmation|investigation)`,
		`for test(ing)? purposes only|please (upgrade|subscribe)( |$|\.)|recipients? (address(es)? )?(must|has to|have to|need to) be (verified|authori[sz]ed|confirmed)|only (allows?|sends?|delivers?) (to )?(verified|authori[sz]ed|confirmed|test) recipients?`,
		`share the same domain as the`,
	),
		unless:  oneOf(`spam|reputation|black|block ?list|recipient'?s? (account|licen[cs]e|subscription|mailbox)|upgrade your (client|software|browser|mail)|tls`),
		verdict: AccountError, reason: "the server says that this account is not yet, or no longer, open for sending (RFC 3463 X.7.1)"},
}
