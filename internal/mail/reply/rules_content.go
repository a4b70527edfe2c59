package reply

// spamRules judge explicit words of spam and malware. They come before the message's form
// and the mailbox: such replies name the users that they protect, and headers too.
var spamRules = []rule{
	{text: oneOf(
		`\bspam\b|\bspammy\b|spam[- ]?(like|score|content|detect|filter|check|rule|assassin)|anti-?spam|junk ?mail`,
		`\bjunk\b|\bube\b|\buce\b|unsolicited|unwanted|unerwuenscht|unerwunscht|indesirable|non sollicite`,
		`no (deseado|solicitado)|correo basura|niechcian|ongewenst|нежелательн|спам|spamom|垃圾邮件|迷惑メール`,
		`bulk (mail|e-?mail)|mass mail|dt:spm|virus|malware|trojan|phish|infect|worm\b|malicious|ransom|exploit`,
		`clamav|suspicious|suspicion|suspekt|verdaechtig|verdachtig|sospechos|podejrzan|подозрит`,
	),
		unless: oneOf(
			`(scan|filter|check|engine|service|daemon|clamd?\w*|spamd).{0,30}(error|fail|unavail|timeout|timed out|not respond|problem|busy|overload)`,
			`(unable|cannot|can'?t|could not) (to )?(scan|check|filter|connect)|user unknown|no such user|unknown user`,
			`unknown recipient|invalid recipient|recipient not found|user not found`,
			`(encoded-word|rfc ?(2|5|8)\d22|headers?\b.{0,40}not (accepted|permitted)|missing a valid|duplicate header)`,
			`disabled due to spam|inactiv`,
		),
		verdict: PolicyBlock, reason: "the server says that it takes this message for spam or malware (RFC 3463 X.7.1)"},
}

// contentRules judge refusals of what the message says, and policy in general. They come
// after the mailbox's own words: "rejected by policy" is often the second half of a
// sentence whose first half says that there is no such user.
var contentRules = []rule{
	{class: 4, text: oneOf(`temporar|later|try again|retry|defer`), unless: oneOf(`polic(y|ies)|prohibit|content|filter|restrict`),
		verdict: Transient, reason: "the server refuses for now and asks for another try (RFC 5321 §4.2.1, 4yz)"},
	{text: oneOf(
		`(message|mail|e-?mail|envelope|content|body|text|url|link|subject|domain|word|phrase|attachment)s? ?(content |body |has been |have been |was |is |were )*(rejected|refused|blocked|denied|not (accepted|allowed|permitted)|prohibited|quarantin|filtered|flagged|discarded|restricted|declined|banned|judged)`,
		`(reject|refus|block|den[iy]|prohibit|filter|restrict|flagg)\w* (by|due to|for|because of|as|on|per|under|via|from|based on)? ?(the |our |its |your |a |an |local |site |company |security |recipient'?s? |e-?mail |mail |message |server |administrative |this |content |corporate |organi[sz]ation'?s? |custom |external )*(content|polic|filter|rule|system|acl|administrat|security|gateway|firewall|header|body|scan|engine|heuristic|server|site|config|settings|restriction|prohib|milter|reason)`,
		`spoof|\bforged\b|closed mailing list|members-only|non-member|polic(y|ies)|politique|richtlinie|politica`,
		`beleid|regulamin|политик|(content|bayes|spam) (score|filter|restriction|analysis)`,
		`content (is )?(not acceptable|unacceptable|restriction|reject|filter|violat)`,
		`(administrative|administratively) (prohibit|den|reject|lock|block)\w*|prohibited|prohibition`,
		`(security|compliance|dlp|transport) (rule|violation|policy|reason|restriction)|transport\.rules`,
		`rejectmessage|resolver\.rst|undesirable|offensive|inappropriate|objectionable|profan`,
		`(similar|identical|same) (messages?|mails?|content)|customi?zed-?block|custom-?block|ers-`,
		`not (wanted|welcome)|refus(e|ed|al)\b.{0,30}(message|mail|content)?|verweigert|abgelehnt|zurueckgewiesen`,
		`rechazad|rifiutat|geweigerd|odrzucon|отклонен|拒绝|拒否`,
		`rejected by (the )?(organi[sz]ation|recipient|destination|server|system|admin|our)|rate limited due`,
		`deferred due to|message not allowed|high probability|classified as|identified as|considered (as )?`,
		`looks like|scored|score of`,
	),
		unless: oneOf(
			`separate transaction|(milter|filter).{0,20}(error|fail|problem)|internal error|system problem|temporary (failure|error|problem|system)|database`,
			`queue file|(insufficient|not enough|no) (system )?(storage|resource|disk)`,
			`too many (connections|sessions|errors)|service (is )?refuse|connection refused`,
			`policy (service|server|daemon).{0,20}(error|unavailable|timeout|problem)`,
			`(connections?|sessions?) (rate|limit|refused)|scan(ner|ning)? (error|failed|unavailable|timeout)`,
			`unable to scan|scanner|virus ?scan\w*.{0,15}(error|fail|unavail|time)|resources? restrict`,
			`restricted.{0,10}(cpu|load)|resources`,
		),
		verdict: PolicyBlock, reason: "the server says that its policy or its spam filter refuses this message (RFC 3463 X.7.1)"},
}
