/** For each letter from a to z, the letters that often follow it in English. */
const FOLLOWERS = `bcdfgiklmnprstuvy aeilorsu acehiklorstu adeilorsu acdefgilmnpqrstvwx aefilortu aehilnoru aeiort
abcdefglmnoprstvxz e eis adeilostuy abeimopsu acdefgiknostuv abcdfgiklmnoprstuvw aehiloprstu u
acdegikmnorstuvy acehiklopstuy acehiorstuy abcdegilmnprst aei aehinors ept es e`;

/** Common Chinese characters, one o200k token each. */
const HAN = `的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后
小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长
知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最
间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市
眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计
或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让
认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办
运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持
取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞
观争究包组造落视济喜离虽坐集编宝谈府拉黑且随格尽剑讲布杀微怕母调局根曾准团段终乐切级克精哪官示冲竟乎
男举客证苦照注费足尔招群热推晚响称兴待约阳哥惊吗整支古汉突号绝选吧参刊亚复伤类备欢另港势刻星断陈掌农
夜般念价脑规底故省妈刚句显消衣陆器确破具居批送紧脚呼`;

/** Common Korean syllables, one o200k token each. */
const HANGUL = `이다는을를에의가고하지로은기사한도나자어인아서시리대수해정있그들일스제부동장보라전상게면여주과만소것
구와원안연우신성국공화으조니마오세위문년적경모유거용미선비영무실방내중개학저까며음생려없드간물당속네
발업관교식행진산요트었했습데터처든명더린결회할반양된러계때추되예법였크치야`;

const followers = FOLLOWERS.split(/\s+/);
const common: ReadonlySet<string> = new Set((HAN + HANGUL).replaceAll("\n", ""));

/** Whether two lower-case letters follow each other often in English; others are spelled by more tokens. */
export function isCommonPair(first: number, second: number): boolean {
  return followers[first - 0x61]?.includes(String.fromCharCode(second)) ?? false;
}

/** Whether a character of a CJK script is one token. */
export function isCommonSign(sign: string): boolean {
  return common.has(sign);
}
