package reply

// MechanismRefused says whether a reply to AUTH refuses the way of logging in and not the
// account: 504, or 534 and 538 where they ask for another mechanism (RFC 4954 §4 and §6),
// the syntax errors of servers that do not know AUTH in this form, and the words that some
// put behind 535. Then the next mechanism may be tried; after any other refusal it may not,
// because another wrong password brings an account nearer to being locked.
func MechanismRefused(r Reply) bool {
	if r.Phase != Auth || r.Code/100 != 5 {
		return false
	}
	e := evidenceOf(r)
	switch {
	case mechanismWords.MatchString(e.words):
		return true
	case credentialWords.MatchString(e.words):
		return false
	case e.enhanced == "7.4" || e.enhanced == "5.4":
		return true
	}
	switch r.Code {
	case 500, 501, 502, 504, 538:
		return true
	case 534:
		return e.enhanced == "" || e.enhanced == "7.9"
	}
	return false
}

var (
	mechanismWords = oneOf(
		`(unrecogni[sz]ed|unsupported|unknown|unimplemented|invalid|wrong|bad|no (such|matching|suitable|acceptable|worthy)|no) (sasl |smtp )?(auth(entication)? )?(mechanism|mechs?\b|auth(entication)? (type|method|scheme))`,
		`(mechanism|auth(entication)? (type|method|scheme)).{0,30}(not (be )?(supported|available|allowed|enabled|implemented|recogni[sz]ed|permitted|accepted)|unsupported|unavailable|unknown|disabled|too weak|is too weak)`,
		`(use|try) (another|a different|a stronger|other) (auth\w* )?(mechanism|method|type)`,
	)
	credentialWords = oneOf(
		`password|credentials?|user ?name|user\b|account|log ?in (via|with|to)|browser|locked|blocked|suspend|disabled|too many|tenant`,
	)
)
