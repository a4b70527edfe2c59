package charset

import (
	"strings"
	"sync"
	"unicode"
)

// lexicon holds common first names, surnames, towns and words of companies for
// each language, chosen for their letters outside ASCII. It teaches which
// letters a language has, how often, and beside which ones they stand.
var lexicon = map[string]string{
	"fr": `Français Alençon Briançon Maçon Garçon Leçon Façade Provençal Luçon Curaçao Lançon Rançon Jançon Forçat Commerçant François Françoise Hélène Éric Étienne Élodie Gaël Noël Joël Zoé Chloé Céline Cédric Jérôme Benoît Frédéric Frédérique Gérard Stéphane Sébastien Hervé Aurélie Amélie Mélanie Léa Léo Théo René Renée André Andrée Irène Geneviève Thérèse Agnès Véronique Valérie Béatrice Édouard Grégory Raphaël Mickaël Loïc Anaïs Maïté Désiré Honoré Valéry
		Lefèvre Lefebvre Bérard Gérin Prévost Lévêque Hébert Forêt Château Dupré Béranger Côté Gagné Pâris Crépin Barrière Rivière Brière Desprès Bézier Mâcon Orléans Nîmes Besançon Évry Liège Genève Neuchâtel Montréal Québec Société Développement Générale Éditions Énergie Conseil Création Âge Où Bœuf Cœur Sœur Mañé Guéret Lemaître Benoît Geoffroy Châtel Tréguier`,
	"de": `Müller Jürgen Günther Günter Jörg Björn Sören Käthe Bärbel Hübner Schäfer Köhler König Krüger Böhm Schröder Schütz Jäger Vögel Größe Groß Weiß Voß Strauß Preuß Heß Straße Gießen Möller Körner Förster Büttner Göbel Löffler Kühn Kühne Böttcher Lösch Döring Däniken Österreich Öztürk Übersee Ärzte Zürich München Köln Düsseldorf Nürnberg Würzburg Tübingen Lübeck Österle Mönch Brüggemann Schönberg Grün Grünwald Süß Wörner Fürst Häuser Bäcker Götz Röhm Rüdiger Thürmer Bühler Gräf Geschäftsführer Büro Möbel Gemüse Bäckerei Brüder Söhne Großhandel`,
	"es": `José María Jesús Ángel Andrés Sofía Lucía Raúl Óscar Iván Rubén Martín Sebastián Julián Adrián Nicolás Tomás Joaquín Ramón Mónica Verónica Inés Belén Rocío Begoña Íñigo Ñáñez Núñez Muñoz Peña Ibáñez Yáñez Ordóñez Zúñiga Treviño Castañeda Acuña Nuñez Peñalver Señor Compañía España Ñuñoa García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Jiménez Álvarez Gutiérrez Ramírez Díaz Hernández Domínguez Vázquez Suárez Giménez Méndez Cortés Marín Rincón Calderón León Málaga Cádiz Córdoba Bogotá Mérida Güell Agüero Argüelles Antonio Concepción Asunción Élida Úrsula Benítez Peláez Cáceres Chávez Bermúdez Hidalgo Construcción Tecnología Logística Jamón Nicolau Muñiz Briceño`,
	"pt": `João José Antônio António Sérgio Cláudio Fábio Mário Júlio Inês Luís Luísa Vítor Mónica Mônica Conceição Assunção Gonçalves Gonçalo Lourenço Simões Magalhães Guimarães Ramalhão Falcão Leitão Galvão Brandão Romão Aragão Estêvão São Paulo Camões Araújo Vêncio Patrícia Letícia Flávio Flávia Otávio Lúcia Márcia Márcio Vinícius Aurélio César André Débora Natália Antônia Tânia Ângela Ângelo Fernão Sebastião Damião Simão Bragança Mendonça Graça França Fração Comunicação Construções Soluções Portimão Évora Setúbal Brasília Goiânia Paraná Ceará Jundiaí Irmãos Rações Açúcar Estação Peças`,
	"it": `Nicolò Niccolò Noè Mosè Giosuè Lucà Forlì Cefalù Società Città Università Qualità Perù Più Però Così Libertà Maestà Cantù Mirò Calì Dessì Zanè Patanè Santità Novità Attività Pietà Unità Giacomò Totò Zazà Josè Salò Nardò Cusanò Corrò`,
	"nordic": `Åsa Åke Östen Örjan Björn Göran Sören Jörgen Märta Pär Håkan Mårten Måns Bengt Åberg Öberg Sjöberg Sjöström Sjögren Lindström Bergström Söderström Nyström Engström Holmström Högberg Björk Björklund Åkesson Åström Hägg Lööf Nyhlén Norén Andrén Hedén Gävle Malmö Göteborg Västerås Örebro Umeå Luleå Växjö Jönköping
		Søren Jørgen Jørn Bjørn Øystein Øyvind Håkon Håvard Pål Kåre Åse Ørsted Sørensen Jørgensen Ødegård Bjørnstad Bøe Møller Kjær Kærgaard Nørgaard Nørregaard Østergaard Skovgård Grønborg Højgaard Dyhr Læssøe Bækgaard København Århus Aalborg Tromsø Bodø Næss Sætre Strøm Støre Ærø Ældre Hämäläinen Mäkinen Mäkelä Korhonen Nieminen Mäki Hyvönen Väisänen Pöysti Päivi Töyrylä Yrjö Tänak Bürger`,
	"is": `Guðrún Guðmundur Sigurður Þórður Þór Þóra Þórunn Jón Ólafur Ágúst Árni Björk Björn Ásdís Ragnheiður Sigríður Kristín Kristján Ingibjörg Jóhann Jóhanna Hörður Örn Æsa Ægir Davíð Hafþór Magnús Stefán Steinþór Þorsteinn Þorvaldur Guðjón Guðný Hreiðar Heiðar Bjarnadóttir Guðmundsdóttir Jónsdóttir Sigurðardóttir Þórðarson Sigurðsson Guðmundsson Davíðsson Reykjavík Kópavogur Hafnarfjörður Rúnarsdóttir Védís Sævar Eðvarð Ýmir Ýr`,
	"pl": `Łukasz Michał Paweł Rafał Wacław Stanisław Bogusław Jarosław Mirosław Przemysław Radosław Sławomir Wiesław Władysław Zdzisław Małgorzata Elżbieta Bożena Grażyna Józef Żaneta Świętosława Śląsk Ślązak Źródło Żółkiewski Żuk Żak Żebrowski Łuczak Łapiński Łęcki Wójcik Wójtowicz Woźniak Kamiński Zieliński Wiśniewski Dąbrowski Kozłowski Jankowski Pawłowski Michałowski Wróblewski Król Wróbel Sokołowski Szymański Jabłoński Piątek Zając Gołąb Wąsik Gałązka Dębski Błaszczyk Głowacki Głąb Stępień Kaźmierczak Jóźwiak Różański Sęk Pająk Kołodziej Bąk Mąka Cieślak Cieśla Leśniak Rogoziński Krasiński Wilczyński Zawiślak Świątek Święcicki Śliwa Kraków Gdańsk Łódź Wrocław Poznań Toruń Częstochowa Białystok Rzeszów Spółka Przedsiębiorstwo Usługi Imię Sprzedaż Zakład Kancelaria Górski Góra Mróz Kościuszko Kość Ćwik Maciąg Jeż Księżyc`,
	"cs": `Jiří Jiřina Tomáš Lukáš Ondřej Matěj Zdeněk Luděk Radek Štěpán Šimon Šárka Žaneta Čeněk Řehoř Ludvík Vojtěch František Bedřich Oldřich Přemysl Bořivoj Květa Růžena Božena Věra Alžběta Zdeňka Kateřina Markéta Eliška Tereza Hájek Dvořák Dvořáková Novák Nováková Svobodová Černý Černá Procházka Kučera Veselý Horák Němec Němcová Pokorný Růžička Beneš Fiala Sedláček Doležal Zeman Kolář Navrátil Čermák Vaněk Urban Kříž Kopecký Konečný Malý Holub Štěpánek Šťastný Staněk Šimek Říha Žák Zítek Plzeň Děčín České Budějovice Hradec Králové Plzeňský Příbram Společnost Třebíč Kroměříž Jméno Příjmení
		Ľubomír Ľudovít Ľuboš Štefan Juraj Ján Jozef Michal Matúš Jaroslav Tibor Kováč Kováčová Tóth Oravec Hudák Kučerová Košice Prešov Žilina Trenčín Nitra Banská Poprad Štúr Hviezdoslav Dušan Miloš Baláž Lukáč Ďuriš Ťažký Hlaváč Vŕba Stĺp Kôň Kráľ Kráľová Mäsiar Švajčiar`,
	"hu":      `István László József Zoltán Gábor Sándor Ferenc Tamás Péter Attila János György Gyula Béla Géza Árpád Ákos Ádám Ágnes Éva Erzsébet Ildikó Katalin Mária Zsófia Zsuzsa Győző Gergő Jenő Ernő Dezső Lőrinc Győr Győri Kővári Kőszegi Erdős Erdősi Szűcs Szűts Fűzfa Fűtő Őri Őrsi Őze Dömötör Ördög Török Kovács Nagy Tóth Szabó Horváth Varga Kiss Molnár Németh Balogh Lakatos Mészáros Simon Rácz Fehér Szőke Szőcs Hegedűs Gyűrű Juhász Takács Papp Gál Vörös Fülöp Pintér Bíró Szűrös Bőhm Csütörtök Büki Debrecen Pécs Érd Székesfehérvár Kőbánya Szőlő Dőry Köszönjük Cégnév Vezetéknév Keresztnév Tőke Bíróság Gyűjtő`,
	"hr":      `Ivić Petrović Jovanović Marković Nikolić Đorđević Đukić Đurić Đuro Đokić Anđela Anđelković Kovačević Kovačić Jurić Babić Marić Horvat Šarić Šimić Šimunović Perković Božić Knežević Tomić Pavlović Vuković Matić Lončar Lončarić Čović Čolić Čačić Žižek Žarko Željko Željka Živković Živko Saša Nataša Siniša Tomislav Krešimir Mišo Miloš Dušan Zagreb Šibenik Poreč Koper Krško Škofja Ljubljana Janša Drnovšek Kučan Pučko Zupančič Hočevar Kovač Krajnc Košir Božič Blaž Tadej Matjaž Aleš Boštjan Črt Črnomelj Uroš Marjanović Radić Mihajlović Stojković Gavrić Račić Sučić Luka Modrić Rakitić Perišić Ćorić Ćosić Društvo Tvrtka Preduzeće`,
	"ro":      `Ştefan Ştefănescu Mihăilă Mihăilescu Ionuţ Bogdan Cătălin Cătălina Răzvan Mădălina Mălina Mihăiţă Brătianu Brâncuşi Câmpeanu Cîmpean Dănilă Dănuţ Gânju Iaşi Timişoara Braşov Bucureşti Constanţa Galaţi Ploieşti Piteşti Bacău Târgu Mureş Buzău Suceavă Drăgan Drăgoi Drăgulescu Hâncu Lăcătuş Lupaşcu Moldoveanu Munteanu Mureşan Năstase Păun Pârvu Popăscu Rădulescu Rădoi Săndulescu Stănescu Stoică Ţepeş Ţiriac Tănase Tudorică Ungureanu Văcărescu Vasiliţă Vlăduţ Împărat Îngerul Şerban Şoimu Grădinaru Croitorş Firmă Prenume Oraş Ţară Societăţi Soluţii Construcţii`,
	"tr":      `Ayşe Çiğdem Gökhan Oğuz Oğuzhan Doğan Ertuğrul Tuğba Tuğçe Çağlar Çağatay İbrahim İsmail İlker İpek İrem Işıl Işık Yıldız Yılmaz Yıldırım Kılıç Kaplan Şahin Şeyma Şükrü Şule Şenol Bülent Gül Gülşen Gülay Özge Özgür Özkan Öztürk Özdemir Ömer Ümit Ünal Ülkü Üstün Çelik Çetin Aydın Aslı Altın Sarıkaya Koç Kaya Arslan Doğru Bayır Taş Güneş Erdoğan Gündoğan Ağaoğlu Hacıoğlu Karaoğlu Kadıoğlu Uğur Eroğlu Türkoğlu Müftüoğlu Sabancı Demirtaş Aktaş Kurtuluş Barış Savaş Yavaş Pınar Yağmur Tanrıkulu Kırca Sıla Nazlı Hatıra Başkan Müdür İstanbul Diyarbakır Eskişehir Muğla Ağrı Şirket Sanayi Adı Soyadı Çavuşoğlu Bahçeli Kılıçdaroğlu Hüseyin Müslüm Nurgül Songül`,
	"lt":      `Jonas Žydrūnas Šarūnas Kęstutis Vytautas Ąžuolas Ąsotas Rūta Jūratė Živilė Gražina Eglė Aušra Daiva Birutė Giedrė Milda Rasa Ieva Ugnė Gabrielė Kazlauskas Jankauskas Petrauskas Stankevičius Žukauskas Butkus Paulauskas Urbonas Šimkus Jankūnas Žemaitis Čepas Česnauskas Čiurlionis Būdvytis Šidlauskas Norkus Kaminskienė Kazlauskienė Jankauskienė Petrauskaitė Paulauskaitė Urbonaitė Mickevičius Vaičiulis Rimkevičius Adomaitis Žvirblis Ėmužis Įmonė Pavardė Šiauliai Panevėžys Klaipėda Kėdainiai Mažeikiai Telšiai Tauragė Ūkmergė Ąsava Gedvilas Bružas Kūjis Vėjas Žąsis`,
	"lv":      `Ivanovičs Lukaševičs Stankevičs Adamovičs Baļčus Kovaļčuks Mickevičs Jankovičs Gončarovs Rimšēvičs Kučinskis Klimovičs Urbanovičs Čiekurs Jānis Andris Juris Pēteris Māris Guntis Ēriks Ādolfs Āris Kārlis Valdis Gunārs Ģirts Ģertrūde Kristīne Līga Ilze Inese Anna Zane Māra Dāvis Mārtiņš Bērziņš Kalniņš Ozoliņš Jansons Liepiņš Krūmiņš Balodis Eglītis Zariņš Pētersons Vītols Kļaviņš Kļava Vilks Āboliņš Šmits Ķēniņš Ļaudis Rēzekne Rīga Jūrmala Liepāja Daugavpils Cēsis Jēkabpils Ogre Tukums Saldus Bērziņa Kalniņa Ozoliņa Liepiņa Krūmiņa Zariņa Kļaviņa Āboliņa Čakste Žagars Ūdris Uzņēmums Uzvārds Vārds Ņikita Strautiņš Pūce Siliņš Ziediņš Grīnberga Vējonis Ķirsis`,
	"et":      `Jõgi Jõesaar Kõiv Kõrv Mõts Põld Põder Võsu Võru Tõnu Tõnis Tõnisson Õnne Õunapuu Mägi Mäe Pärn Pärnu Jäär Käär Sääsk Ülle Ülo Jüri Jürgen Jüriado Kütt Tamm Saar Sepp Kask Kukk Rebane Ilves Pärtel Märt Urmas Rünno Öpik Söödor Põhjala Šmidt Žukov Köster Rüütel Lõhmus Tänav Nõmme Lääne Ettevõte Nõukogu Osaühing`,
	"ru":      `Александр Алексей Андрей Анна Анастасия Антон Борис Виктор Виктория Владимир Вячеслав Галина Дарья Денис Дмитрий Евгений Екатерина Елена Иван Игорь Ирина Кирилл Константин Ксения Лариса Любовь Людмила Максим Марина Мария Михаил Надежда Наталья Никита Николай Оксана Олег Ольга Павел Пётр Роман Светлана Сергей Татьяна Тимофей Фёдор Юлия Юрий Яна Ярослав Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев Лебедев Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов Яковлев Григорьев Романов Воробьёв Сергеев Кузьмин Фролов Александров Дмитриев Королёв Гусев Киселёв Ильин Максимов Поляков Сорокин Виноградов Ковалёв Белов Медведев Антонов Тарасов Жуков Баранов Филиппов Комаров Давыдов Беляев Герасимов Богданов Осипов Сидоров Матвеев Титов Марков Миронов Крылов Щербаков Чернов Шевченко Хованский Цветков Эдуард Эльвира Достоевский Толстой Чайковский Имя Фамилия Компания Организация Телефон Почта Город Должность Москва Санкт Петербург Новосибирск Екатеринбург Казань Общество ограниченной ответственностью Завод Торговый Дом Группа Иванова Смирнова Петрова Соколова Попова`,
	"uk":      `Олександр Олексій Андрій Анатолій Віктор Вікторія Володимир Галина Григорій Дмитро Євген Євгенія Іван Ігор Ірина Катерина Костянтин Людмила Максим Марія Микола Михайло Наталія Оксана Олег Олена Ольга Павло Петро Роман Сергій Світлана Софія Тарас Тетяна Юлія Юрій Ярослав Шевченко Коваленко Бондаренко Ткаченко Кравченко Олійник Шевчук Коваль Поліщук Бондар Ткачук Мороз Марченко Лисенко Руденко Савченко Петренко Кравчук Клименко Павленко Савчук Кузьменко Левченко Пономаренко Василенко Мельник Київ Львів Харків Одеса Дніпро Запоріжжя Їжакевич Ґудзь Прізвище Компанія Підприємство Місто Георги Димитър Христо Пламен Стоян Стоянов Иванов Георгиев Димитров Тодоров Ђорђевић Јовановић Петровић Николић Милошевић Живковић Љубица Његош`,
	"el":      `Γιώργος Γεώργιος Ιωάννης Γιάννης Κωνσταντίνος Κώστας Δημήτρης Δημήτριος Νικόλαος Νίκος Παναγιώτης Βασίλης Βασίλειος Χρήστος Αθανάσιος Θανάσης Μιχάλης Μιχαήλ Ευάγγελος Σπύρος Αντώνης Ανδρέας Στέλιος Μάριος Ηλίας Σταύρος Σοφία Μαρία Ελένη Αικατερίνη Κατερίνα Βασιλική Αγγελική Γεωργία Ευαγγελία Δήμητρα Ιωάννα Άννα Αναστασία Χριστίνα Ειρήνη Παρασκευή Παππάς Παπαδόπουλος Παπαδοπούλου Παπαδάκης Οικονόμου Γεωργίου Δημητρίου Νικολάου Ιωάννου Βασιλείου Αντωνίου Κωνσταντίνου Χατζής Μακρής Αγγελόπουλος Αλεξίου Αλεξόπουλος Καραγιάννης Σαμαράς Μητσοτάκης Θεοδωρίδης Ψαράς Ξενάκης Ζωή Φωτεινή Ρούλα Τσίπρας Όμηρος Έλλη Ήρα Ύδρα Ώρα Όνομα Επώνυμο Εταιρεία Τηλέφωνο Διεύθυνση Ελλάδα Αθήνα Θεσσαλονίκη Πάτρα Ηράκλειο Λάρισα Βόλος`,
	"he":      `משה יוסף דוד אברהם יעקב יצחק שרה רחל לאה רבקה מרים אסתר חנה מיכל תמר נועה מאיה שירה אורי איתן דניאל יהונתן נועם עומר אריאל אלון גיא רון שמעון שמואל שלמה אליהו מרדכי מנחם כהן לוי מזרחי פרץ ביטון אברהם פרידמן אגבריה דהן מלכה אזולאי יוסף כץ עמר אוחיון חדד גבאי אדרי לוין שפירא גולן רוזנברג שלום ישראל תל אביב ירושלים חיפה באר שבע חברה בעמ שם משפחה פרטי טלפון דואל בן צבי`,
	"ar":      `محمد أحمد محمود علي حسن حسين عمر خالد عبد الله الرحمن العزيز إبراهيم إسماعيل يوسف مصطفى سعيد سالم ناصر فهد فيصل سلطان طارق وليد ياسر زياد كريم جمال كمال سمير منير فاطمة عائشة مريم خديجة زينب نورة سارة هدى ليلى أمل سلمى رانيا دينا هند الشمري العتيبي القحطاني الحربي الغامدي الزهراني المصري السيد النجار الحسن الخطيب شركة مؤسسة الاسم الهاتف البريد الإلكتروني القاهرة الرياض جدة دبي بغداد دمشق بيروت عمان ظافر ضياء ثامر ذكي غسان شادي صالح`,
	"th":      `สมชาย สมศักดิ์ สมหญิง สุดา วิชัย ประเสริฐ ประยุทธ์ ธนากร ณัฐพล กิตติ พงศ์ศักดิ์ ศรีสุข วรรณา นภา มาลี จันทร์ สุนทร อนันต์ ชัยวัฒน์ พิมพ์ใจ รัตนา อรุณ กมล เพ็ญศรี แก้วมณี ใจดี ทองดี บุญมี สวัสดิ์ เจริญ บริษัท จำกัด ชื่อ นามสกุล กรุงเทพ เชียงใหม่ โทรศัพท์ อีเมล ไชย โสภา เลิศ ฐิติ ญาดา ฤทธิ์ วรพล รุ่งเรือง ยิ่งยง แสงทอง มั่นคง พรทิพย์ สมบูรณ์ สายฝน นงนุช แจ่มใส ร่มเย็น อ้อย น้ำฝน ขาวสะอาด ปัญญา อุดม ไพศาล`,
	"ja":      `佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川 前田 岡田 長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本 斉藤 福田 太田 西村 藤井 金子 岡本 藤原 三浦 中野 原田 松田 竹内 上田 中山 和田 森田 石田 島田 太郎 次郎 一郎 花子 健一 健太 大輔 翔 翔太 拓也 直樹 誠 浩 隆 修 明 豊 洋子 美咲 陽子 恵子 由美子 真由美 裕子 智子 愛 葵 結衣 陽菜 さくら 美穂 千尋 株式会社 有限会社 東京 大阪 京都 名古屋 横浜 氏名 姓 名 会社名 電話番号 メールアドレス 部署 役職 サトウ スズキ タカハシ タナカ ヤマダ タロウ ハナコ アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンガギグゲゴザジズゼゾダデドバビブベボパピプペポッャュョー のはをにがでとします`,
	"zh":      `王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 高 林 罗 郑 梁 谢 宋 唐 许 韩 冯 邓 曹 彭 曾 肖 田 董 袁 潘 于 蒋 蔡 余 杜 叶 程 苏 魏 吕 丁 任 沈 姚 卢 姜 崔 钟 谭 陆 汪 范 金 石 廖 贾 夏 韦 付 方 白 邹 孟 熊 秦 邱 江 尹 薛 闫 段 雷 侯 龙 史 陶 黎 贺 顾 毛 郝 龚 邵 万 钱 严 武 戴 莫 孔 向 汤 伟 芳 娜 秀英 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀兰 霞 平 刚 桂英 建华 建国 文 玉兰 志强 志明 晓明 小明 海燕 国强 雪 梅 红 婷 婷婷 宇 浩 欣怡 子涵 梓涵 一诺 浩然 俊杰 鹏 飞 慧 莉 琳 佳 春 美 华 有限公司 公司 科技 北京 上海 广州 深圳 中国 姓名 电话 邮箱 电子邮件 手机 名字 部门 职位 集团 股份`,
	"zh-hant": `陳 林 黃 張 李 王 吳 劉 蔡 楊 許 鄭 謝 郭 洪 曾 邱 廖 賴 周 徐 蘇 葉 莊 呂 江 何 蕭 羅 高 潘 簡 朱 鍾 游 彭 詹 胡 施 沈 余 盧 梁 趙 顏 柯 翁 魏 孫 戴 范 方 宋 鄧 杜 傅 侯 曹 薛 丁 馬 董 唐 卓 藍 馮 姚 石 家豪 志明 志偉 俊傑 建宏 俊宏 志豪 冠宇 承翰 宗翰 淑芬 淑惠 美玲 雅婷 美惠 麗華 淑娟 怡君 淑貞 雅雯 欣怡 詩涵 大文 小明 國華 文雄 金龍 明珠 秀英 玉蘭 春嬌 有限公司 股份 公司 科技 臺北 台北 香港 高雄 台中 姓名 電話 電子郵件 信箱 手機 名字 部門 職稱 企業 國際 實業`,
	"ko":      `김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 전 홍 고 문 양 손 배 백 허 유 남 심 노 하 곽 성 차 주 우 구 민 나 진 지 엄 채 원 천 방 공 현 함 변 염 여 추 도 소 석 선 설 마 길 연 위 표 명 기 반 라 왕 금 옥 육 인 맹 제 모 탁 국 민수 민준 서준 도윤 예준 시우 하준 지호 지훈 준서 준호 현우 동현 영수 영호 영희 영숙 정숙 미숙 미영 미경 은주 은영 은정 지영 지은 지현 수진 수빈 서연 서윤 민서 하은 지우 지민 철수 성호 성민 상훈 재호 승현 태현 건우 혜진 혜영 유진 소연 다은 순자 경숙 광수 주식회사 회사 서울 부산 대구 인천 이름 성명 이메일 전화번호 휴대폰 부서 직책 한국 전자 산업`,
}

// model is what a lexicon teaches about a language.
type model struct {
	letters   map[rune]float64    // how often a letter outside ASCII occurs among those
	before    map[[2]rune]float64 // pairs: the letter before, the letter
	after     map[[2]rune]float64 // pairs: the letter, the letter after
	around    map[rune]float64    // how often each rune stands beside a letter
	total     float64
	neighbour float64
}

// edge stands for the beginning and the end of a word.
const edge = ' '

var models = sync.OnceValue(func() map[string]*model {
	all := make(map[string]*model, len(lexicon))
	for language, words := range lexicon {
		m := &model{letters: map[rune]float64{}, before: map[[2]rune]float64{}, after: map[[2]rune]float64{}, around: map[rune]float64{}}
		for _, word := range strings.Fields(words) {
			m.learn([]rune(word))
		}
		all[language] = m
	}
	return all
})

func (m *model) learn(word []rune) {
	for i, r := range word {
		if r < 0x80 {
			continue
		}
		r = unicode.ToLower(r)
		before, after := neighbours(word, i)
		m.letters[r]++
		m.before[[2]rune{before, r}]++
		m.after[[2]rune{r, after}]++
		m.around[before]++
		m.around[after]++
		m.total++
		m.neighbour += 2
	}
}

func neighbours(word []rune, i int) (before, after rune) {
	before, after = edge, edge
	if i > 0 {
		before = unicode.ToLower(word[i-1])
	}
	if i+1 < len(word) {
		after = unicode.ToLower(word[i+1])
	}
	return before, after
}
