/** English words that are one o200k token in each of `word`, ` word`, `Word` and ` Word` (a test counts them). */
const WORDS = `ability able about above absolute accept accepted access account act action actions activation active
actual actually adapter add added adding addition additional address addresses adds adjust admin adr
advanced after again against age agent agents ago agreement alias all allow allowed allows along already
also alt alternative always amazon amount analysis anchor and android angle animated animation another
answer any anything api app append apple application applications apply approval approved apps arch
architect architecture archive archives are area areas arg args argument arguments arm arn around array
arrow art artifact ask assert asset assets assign associated async atom atomic attach attached attempt
attr attribute attributes audio audit auth authentication author authority authorization authors auto
automatic automation availability available avoid await away aws azure back backend background backup bad
badge banner bar bare base based basic batch bearing because been before begin behavior behind being
below benchmark best beta better between big billing bin binary bir bit black blob block blocking blocks
blog board body book boolean boot bootstrap border both bottom bound boundary box branch break breaking
brief broken browser bucket budget bug build builder building built bulk bullet bundle business but
button byte bytes cache cached calculate calendar call called caller calling calls can cancel candidate
cannot cap capture card care cargo carry case cases cat catalog catch category cause certain certificate
chain change changed changes changing channel character characters chart charts chat check checked
checking checkout checks child children choice choose claim claims class classes classic classification
clean cleanup clear cli click client clients clipboard clone close closed cloud cluster cmd code coding
collection collections color colors column columns com combined come coming command commands comment
comments commit common communication community compact compare comparison compat compatible compile
compiler complete completed completion complex component components compose composition compound compress
compression compute computer concept condition conditional conditions conf confidence config
configuration configure confirm confirmation connect connected connection connections consider console
const constant constants constraint constraints constructor consume consumer container containers
contains content contents context continue continuous contract contracts control controller controls
conversation conversion convert converter cool copies copy core correct cost could count counts cover
coverage covered cpu create created creates creating creation creator credentials criteria critical cross
css csv ctrl curl current currently cursor custom cycle dashboard data database date day days dead debug
decision declare decode deep def default defaults define defined defines definition definitions delay
delegate delete deleted delivery delta demo dep depend dependencies dependency depends deploy deployment
deprecated depth derived describe description design desktop destination destroy detail details detect
dev developer development device devices diagram dialog did diff difference different dir direct
direction directory disable disabled discover discussion disk dispatch display dist distribution div doc
docker docs doctor document documentation documents dod does doing dom domain domains don done dot double
down download draft drag drive driver drop dry due dump duplicate duration during dynamic each early easy
echo edge edit editable edited editing editor effect effective effects either electron element elements
else email embedded emit empty enable enabled encode encoding end endpoint ends engine engineering ensure
enter entries entry enum env environment equal error errors escape especially estimated eval evaluate
evaluation even event events ever every everything exact example examples except exception exec execute
execution exist existing exists exit expand expanded expect expected experience experiment experimental
explicit export express expression ext extend extended extension extensions external extra extract fact
factory fail failed failure fake fall falls false family far fast feature features feb feedback feel
fetch few field fields figure file filename files fill filter filters final finally find finding fine
finish fire first fish five fix fixed fixture fixtures flag flags flash flat flight floor flow fly focus
fold folder follow following font foo for force fork form format formats forms formula forward found
foundation four frame framework free frequency fresh friendly from front full fully function functional
functions future gap gate general generate generated generation generator generic geo geometry get gets
getting gif git github give given glob global globals goal going good google got graph great green group
groups guard gui guide had hand handle handler handles handling happy hard hardware has hash have having
head header headers heading health healthy height hello help helper helpers her here hidden hide high
higher hint history hit hold home hook hooks host hosts hour hours how however html http hub human icon
idea identifier identify identity idle ignore image images img impact implement implementation import
important imports include included includes including increase index indexed individual info information
init initial initialize inject inline input inputs insert inside inspect inspection install installation
installed installer instance instances instead instruction instructions int integer integration intent
interaction interactive interface interfaces internal interval into invalid inventory invoke iso issue
issues item items its jan java javascript job jobs join json judge just keep keeping kernel key keys
keyword keywords kill kind know knowledge known label labels lambda land lang language languages lar
large last later latest launch layer layers layout leading learn learning least leave ledger left legacy
length les less let lets level lib libraries library license life light like limit limited limits line
lines link linked links linux list listed listing lists lite literal little live load loaded loader
loading loads local location locations lock locked log logger logging logic logical login logs long look
looking looks lookup loop loss lot love low lower mac machine machines made main maintenance major make
makes making man manage managed management manager mandatory manifest manual many map mapping maps mark
markdown marker master match matches matching material matrix matter max maximum may mean means measure
measurement media medium member members memory mental mention menu merge message messages meta metadata
method methods metric metrics mid migration min minimal minimum minor minutes mirror missing mixed mock
modal mode model models modern modified modifier modify module modules monitor month more most motion
mount mouse move moves moving much multi multiple must mutation name named names namespace nano native
natural nature navigation near necessary need needed needs negative nested net network never new next
nice node nodes noise non none normal normalize not note notes nothing notice notification now null
number numbers numeric obj object objective objects observable off offer offers official often old older
once one online only open opening operation operations ops opt optimization option optional options order
ordering org organization origin original other others otherwise our out outer output outputs outside
over overall override overview own owned owner ownership pack package packages page pager pages pair pam
panel paper parallel param parameter parameters params parent parse parsed parser part partial partition
parts party pass passed passing password past patch path paths pattern patterns payload payment pdf peer
pending people per perform performance permission permissions person persona personal phase phone php
pick pin ping pipe pipeline place placeholder places plain plan planner planning plans platform play
player please plugin plugins plus pod point pointer points policy poll pool popup port portable ports
position positive possible post posts potential power practice pre prefer preferred prefix presence
present presentation press pressure pretty prevent preview previous primary print prior priority private
probe problem process processing produce product production products profile profiles program progress
project projects promise promotion prompt proof proper properties property proposal protocol prototype
provide provided provider providers proxy public publish published pull pure purpose push put python
quality queries query question questions queue quick quiet quite rails ran random range rank rate rather
ratio raw reach react read reader reading reads ready real really reason receive recent recipe recipes
recommend recommended record records recursive red redirect redis reduce ref reference references reflect
refresh reg regex region register registered registration registry regular reject rel related
relationship relationships relative release released reload remaining remote remove removed rename render
repair replace replacement repo report reports repository represent request requested requests require
required requirements requires research reset resolution resolve resolver resource resources response
responses rest restart restore result results resume retrieve retry return returned returns rev reverse
review reviews revision rewrite right risk role rolling root roots round route router routes routing row
rows rule rules run runner running runs runtime rust safe same sample sandbox save saved saving say scale
scan scenario schedule schema scope score scratch screen script scripts scroll search sec second seconds
secret section sections security see seeing seen select selected selection selector self semantic send
sense sentence sequence serial serializer serve server servers service services session sessions set sets
setting settings setup severity sha shape share shared shares sharing shell shift ship ships short shot
should show shows side sign signal signature silent similar simple since single sink site sites six size
skill skills skip slash slice slow small smart snapshot socket soft software solution solutions some
something sort sound source sources space spaces span spawn spec special specific speed split sql src
stable stack stage standard standing start started starting starts startup stat state statement states
static statistics stats status stay step steps still stop storage store stored stores story str strategy
stream stress strict string strings stripe strong structure structured stub studio study style styles sub
subject submit success successful such suggest suite sum summary super support supported supports sure
surface svg switch symbols sync syntax sys system systems tab table tables tag tags tail take taken
taking tar target targets task tasks tcp teach team teams tech technical technology tell temp temperature
template templates temporary term terminal terms terraform test testing tests text than thanks that the
their them theme then there these they thin thing things think thinking third this those though thread
threads three threshold through throw tier til time timeline timeout times timestamp tip title tmp today
todo toggle token tokens too tool tools top topic topics total touch trace track tracker tracking trade
traffic training transfer transform transition tree trigger true truth try trying turn twitter two txt
type typed types ubuntu undefined under union unique unit units unix unknown unless unsupported until
update updated updates upgrade upload upon uri url usage use used user username users uses using utf
utilities utility utils val valid validate validation validator value values var variable variables vault
vendor ver verb verification verified verify version versions very via video view viewer views virtual
visibility visible visual volume vue wait wal walk wall want wanted warn warning was watch way ways web
website week well were what when where whether which while who whole why wide width wiki will win window
windows wins wire with within without wizard won word words work worked worker workers workflow working
works workspace world worth would wrap wrapper write writes writing written wrong xml year years yes yet
yield you your zero zip`;

export const ONE_TOKEN_WORDS: ReadonlySet<string> = new Set(WORDS.split(/\s+/));
