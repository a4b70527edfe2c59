package reply

// transientRules judge trouble of the server's own: too busy, out of disk, being
// restarted. Some servers say so with a 5xx code; the words are believed.
var transientRules = []rule{
	{text: oneOf(
		`too many (concurrent |simultaneous |open |parallel |incoming |smtp |new |active |tcp |client |tls )*(connections?|sessions?|clients|processes|errors|commands|unrecogni[sz]ed|users)`,
		`(concurrent|simultaneous|maximum|max|number of|parallel|per[- ]ip) (\w+ ){0,3}(connections?|sessions?).{0,40}(exceed|limit|reached|over|max)?`,
		`(connection|session|sessions|connections|client)s? (rate|count|limit|number)`,
		`(messages?|mails?|recipients|transactions?|emails?) .{0,15}(per|in (this|one|a)) (session|connection)`,
		`this session|(open|start|begin|make) a new (session|connection)|too many (recipients|messages|mails)`,
		`lower the number|\b(hl:(itc|icc|ifc)|mi:(cel|dmc|ccl))\b`,
		`(bad|improper|out of|wrong) (command )?sequence|(ehlo|helo|mail|rcpt|data) (command )?(first|required)`,
		`need (mail|rcpt)|nested mail|sender already`,
	),
		verdict: Transient, reason: "the server says that too many connections or commands came at once (RFC 3463 X.4.5, RFC 5321 §4.2.2)"},
	{text: oneOf(
		`(insufficient|out of|no|not enough|low|lack of|exhaust\w*|temporary lack of) (system |disk |server |storage |memory |free |available |queue )*(storage|resources?|space|disk|memory|file descriptors|processes)`,
		`system (storage|resources?|is (too )?(busy|down|overload)|busy|load|unavailable|problem|error|failure|trouble|incorrectly|full|not (available|capable))`,
		`(disk|queue|spool|partition|filesystem|file system).{0,20}(full|error|fail|problem|file|write|space|no space)`,
		`(server|service|system|host|machine|mta)s? ?(is )?(currently |temporarily |too |very )*(busy|overload|unavailable|down|not available|shutting down|restarting|stopping|refused? (connection|temporar)|maintenance|not ready|not responding|high load|load)`,
		`(internal|local|server|software|system|backend|database|configuration|general|unexpected|unknown|processing|i/?o|dns|milter|policy server|filter|content filter|scanner|temporary|temp|mailer|technical|network|protocol|transaction|ldap|lookup|storage|socket|queue|resolver|address|runtime|operating system) (system |server |internal |lookup |service |software )?(error|failure|problem|trouble|exception|timeout|fault|malfunction|fail)`,
		`error (in processing|while|writing|reading|processing|during|on (our|the) server|occurred|connecting)`,
		`(load|traffic) (is )?too high|too (much )?load|load average|high load|overload|too busy|temporar\w+`,
		`(try|retry|send|resend|come back|call back|please wait|attempt)\w* ?(again|it|your message|this|sending)* ?(later|again|shortly|soon|in a)`,
		`later\b|\bdefer(red|ral)?\b|maintenance|shutting down|shut ?down|restart`,
		`closing (connection|transmission)|service not available`,
		`connection (closed|timed out|dropped|reset|lost|refused)|timed? ?-?out|timeout|idle|inactivity timeout`,
		`lost connection`,
		`(unable|cannot|can'?t|could not|not able|failed) to? ?(process|accept|connect|complete|contact|reach|open|write|create|lock|store|queue|handle|scan|save|fork|allocate|obtain|chdir|read|bind|resolve|spawn)`,
		`(cannot|can'?t|could not|unable to) (process|accept|connect|complete|contact|reach|open|write|create|lock|store|queue|save|fork|scan)`,
		`queue (is )?full|queue file|resources? .{0,20}(unavailable|exhaust|limit|busy|problem|short)`,
		`(insufficient|lack of|no|low|out of|limited) .{0,12}resources?|out of memory|misconfig`,
		`configuration error|\bunavailable\b|plus tard|ulterieur|reessay|temporaire|spaeter|spater|vorueberge`,
		`voruberge|mas tarde|temporal|piu tardi|riprov|temporane|pozniej|tymczas|tijdelijk|probeer|later opnieuw`,
		`позже|временн|повторите|poprobuyte|vremenn|稍后|稍候|系统繁忙|しばらく|一時的|mais tarde|temporari`,
	),
		unless: oneOf(
			`(mailbox|user|recipient|account|address)( \S+)? (is )?(un|not )available|do not (retry|try|resend)`,
			`not try again|permanent(ly)? (fail|error)|^transaction failed$|access denied|service unavailable$`,
		),
		verdict: Transient, reason: "the server says that it has a passing trouble of its own (RFC 3463 X.3.0)"},
}
