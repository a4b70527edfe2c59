package reply

// greylistRules come early: a greylisting server's words often speak of lists, policy
// and rejection as well, and all that it wants is a second try (RFC 6647 §2).
var greylistRules = []rule{
	{class: 4,
		text: oneOf(
			`gr[ae]y[ -]?-?list|\bgrey\b|graylist|lista gris|liste grise|greylisten|szara lista`,
			`first (time|attempt|seen|contact)`,
			`(please |and )?(retry|try again|resend|come back|wait).{0,40}(seconds|minutes|\d+ ?(s|sec|min|m)\b)`,
			`deferred for (the first|\d+)|early retry|retry too soon`,
			`(try|retry|come back) (again )?in (a few|\d+|five|ten|fifteen)`,
			`new (sender|triplet|tuple|connection).{0,40}(try|delay|later)|verzoeger`,
			`temporar(il)?y (delayed|whitelist)|unverified server.{0,40}(try|retry|delay)|message (is )?delayed`,
			`tempfail.{0,20}first`,
		),
		unless: oneOf(
			`too (many|much|fast|quick)|limit|quota|exceed|throttl|\brate\b`,
			`(queue|spool|database|internal|resource|load|memory|disk)|reputation|unsolicited|spam\b|suspicio`,
			`domain not found|user unknown|unknown user`,
		),
		greylist: true, verdict: SoftBounce, reason: "the server wants to see a second try after some minutes before it takes the message (greylisting, RFC 6647)"},
	{text: oneOf(`gr[ae]y[ -]?-?listed|gr[ae]y[ -]?-?listing|\bgreylist`),
		greylist: true, verdict: SoftBounce, reason: "the server wants to see a second try after some minutes before it takes the message (greylisting, RFC 6647)"},
}
