package contactcsv

import (
	"regexp"
	"slices"
	"strings"
)

// Forms of address and degrees that stand before a name, folded. Those of
// dottedTitles are titles only with their dot: without it they are names (Gen,
// Maj, Ing, Sig) or too short to tell.
var (
	titles = set(`mr mrs ms miss mx mister dr doctor prof professor drs sir dame madam
herr frau hr hrn fraulein dipling diplinging diplkfm diplkffr univprof privdoz apldr bacc
monsieur madame mademoiselle mme mlle mmes mlles messieurs maitre
sr sra srta sres senor senora senorita dra profa senhor senhora srs
signor signora signorina sigra sigrina dott dottssa dottoressa dottore
dhr mevr mevrouw mw meneer heer mej
pani mgr inz mudr judr phdr rndr mvdr paeddr thdr phmr hab
fru frk froken
rev reverend revd capt herrn familie
гн гжа господин госпожа κος κα κυριος κυρια domnul doamna`)
	dottedTitles = set(`m mm me fr hon lt col maj gen sgt cpt cmdr eng engr ing arch avv geom rag sig on ir mag pd doc bc bca dna exmo exma ilmo pan dipl med rer nat phil jur iur oec pol habil techn dent vet theol ra lic cav hc rernat inf mont`)
	// suffixes stand behind a name, folded.
	suffixes = set(`jr sr junior snr jnr ii iii iv phd dphil md mba emba esq esquire cpa msc bsc ma ba llm llb jd dds dmd dvm rn pe pmp cfa cfp cissp ccie csm acca frcs mrcp mres meng beng bcom mcom edd psyd pharmd obe mbe cbe fca aca drmed csc drsc ret bacc san sama 様 先生 さん`)
	// realNames are suffixes that are surnames as well, unless a comma stands before them.
	realNames = set(`ma ba san junior ret pe md csm rn`)
	// particles belong to the surname that follows them.
	particles = set(`van von vom zu zur zum der den de het 't ten ter te la le du des della dello del di da das dos do d' af av auf el al bin ibn ben`)
	// jobs stand behind a name and its comma.
	jobs      = set(`ceo cto cfo coo cmo cio ciso cso cpo cro cdo vp svp evp avp hr founder cofounder director manager owner president partner consultant head chief engineer geschaftsfuhrer pdg gerente direktor`)
	companies = set(`inc llc ltd limited gmbh ag kg corp corporation co company bv nv sa sas sarl srl spa spzoo plc oy ab as aps pty bvba kft sro`)
)

func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}

// isTitle is true for a word that stands before a name without being one.
func isTitle(word string) bool {
	dotted := strings.ContainsRune(word, '.')
	if len(word) > 16 && !dotted {
		return false // no title is longer
	}
	folded := fold(word)
	if titles[folded] || dotted && dottedTitles[folded] && strings.HasSuffix(word, ".") {
		return true
	}
	if !dotted {
		return false
	}
	// Dr.-Ing., Prof.Dr., Dipl.-Ing.: several in one word.
	parts := strings.FieldsFunc(word, func(r rune) bool { return r == '.' || r == '-' })
	for _, part := range parts {
		if folded := fold(part); !titles[folded] && !dottedTitles[folded] {
			return false
		}
	}
	return len(parts) > 1
}

// allSuffixes is true for what may follow a comma without being a name: PhD, MBA.
func allSuffixes(words []string) bool {
	if suffixes[fold(strings.Join(words, ""))] { // Ph. D.
		return true
	}
	for _, word := range words {
		if !suffixes[fold(word)] {
			return false
		}
	}
	return len(words) > 0
}

// gluedTitle is a title without the blank behind it.
var gluedTitle = regexp.MustCompile(`^(\pL+\.)(\p{Lu}\p{Ll}.*)$`)

// takeTitles cuts the titles from the front of words: "Prof. Dr.", "Mr. & Mrs.".
func takeTitles(words []string) (title string, rest []string) {
	n := 0
	for n < len(words) {
		if glued := gluedTitle.FindStringSubmatch(words[n]); glued != nil && titles[fold(glued[1])] {
			words = slices.Concat(words[:n], glued[1:], words[n+1:]) // Dr.Anna
		}
		joins := n > 0 && n+1 < len(words) && isJoin(words[n]) && isTitle(words[n+1])
		// PD Dr., RA Dr.: capitals before a title belong to it.
		joins = joins || n+1 < len(words) && dottedTitles[fold(words[n])] && words[n] == strings.ToUpper(words[n]) && isTitle(words[n+1])
		if !isTitle(words[n]) && !joins {
			break
		}
		n++
	}
	return strings.Join(words[:n], " "), words[n:]
}

// takeSuffixes cuts the suffixes from the back of words, of which at least one
// stays. A suffix that is a surname too is cut only where it stands out: MBA and
// MD in "Ann Lee MD", but not in "JACK MA".
func takeSuffixes(words []string) (rest []string, suffix string) {
	n := len(words)
	for ; n > 1; n-- {
		last := words[n-1]
		folded := fold(last)
		if folded == "" || !suffixes[folded] {
			break
		}
		standsOut := last == strings.ToUpper(last) && words[0] != strings.ToUpper(words[0])
		if realNames[folded] && !standsOut {
			break
		}
	}
	return words[:n], strings.Join(words[n:], " ")
}

func isJoin(word string) bool {
	switch strings.ToLower(word) {
	case "&", "and", "und", "et", "+", "en":
		return true
	}
	return false
}
