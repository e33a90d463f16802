import type { teachers as English } from '../teachers.ts';

/** Texts of the page for teachers. They may hold HTML. */
export const teachers: typeof English = {
  language: 'de',
  home: './de.html',
  title: 'Für Lehrkräfte: ein Klassifikator, der „nichts davon“ sagen kann',
  description:
    'Was eine Klasse herausfinden kann, wenn sie im Browser einen kleinen Klassifikator lehrt: Verzerrung, Mehrdeutigkeit, Nichtwissen.',
  back: 'Zurück zur Seite',
  lead:
    'In „Bring ihm deine eigenen bei“ sammeln Schülerinnen und Schüler Bilder von zwei oder mehr Klassen, und ein kleines Netz ' +
    'lernt sie im Browser. Diese Seite sagt, was dort zu sehen ist, und warum.',
  body: `
    <section>
      <h2>Die Lektion</h2>
      <p>„Eine erste Lektion“ führt in der Ansicht hindurch: zwei Klassen, je zehn Zeichnungen, noch eine von beiden, etwas anderes
      und vierzig Schritte Training. Für den Anfang eignen sich zwei gezeichnete Formen, etwa eine Sonne und ein Haus. Mit der
      Kamera hält man die Taste gedrückt und bewegt das Ding ein wenig; ein einfarbiger Hintergrund hilft.</p>
      <p>Kein Bild verlässt den Computer: Alle bleiben in diesem Browser, bis jemand „Von vorn“ drückt. Wo sich mehrere einen
      Computer teilen, speichert man die Bilder als Datei und beginnt von vorn.</p>
    </section>
    <section>
      <h2>Es weiß, was gesammelt wurde</h2>
      <p>Das Netz sieht nichts als die Bilder. Sind alle Sonnen oben gezeichnet und alle Häuser unten, so ist der Ort ein ebenso
      gutes Zeichen wie die Form. Probieren lässt sich das mit einer Sonne unten. Was sich in den Bildern nie ändert, hält es für
      einen Teil der Klasse. Man spricht von <em>Verzerrung</em> (Bias) in dem, was gesammelt wurde.</p>
      <p>Man schaltet „Bilder jedes Mal ein wenig verschieben, drehen und anders beleuchten“ aus, beginnt mit denselben Bildern von
      vorn und vergleicht: Diese kleinen Änderungen sind Bilder, die niemand sammeln musste.</p>
    </section>
    <section>
      <h2>Unentschieden ist nicht unbekannt</h2>
      <p>Man zeichnet etwas zwischen beiden Klassen, halb Sonne, halb Haus. Die Balken teilen sich: Es ist unentschieden
      (<em>Mehrdeutigkeit</em>). Man zeichnet etwas, das mit keiner von beiden zu tun hat. Die Balken können sich dann einer davon
      recht sicher sein, denn sie sagen nur, welche der Klassen besser passt. Deshalb steht daneben etwas Zweites: wie viele der
      gezeigten Bilder ebenso fremd sind wie dieses. Bei 5 % und darunter heißt es „ungewöhnlich“, bei 1 % und darunter „nichts
      davon“.</p>
      <p>Ein Beweis ist das nicht. Von den Bildern, die dazugehören, heißt etwa eines von zwanzig ungewöhnlich, und Dinge, die den
      Bildern in allem gleichen, worauf das Netz zu achten gelernt hat, gehen durch. Mit zehn Bildern je Klasse entgehen ihm viele
      Dinge, die nichts davon sind. Findet welche.</p>
    </section>
    <section>
      <h2>Es kann zeichnen</h2>
      <p>Das Netz läuft in beide Richtungen: vom Bild zu Zahlen, dem <em>latenten Punkt</em>, und von Zahlen zu einem Bild. Was es
      zeichnet, zeigt, was es für üblich hält. Auf der Karte liegt jedes gezeigte Bild an seinem latenten Punkt. Vor dem Training
      können die Klassen ineinander liegen; man sieht sie auseinandergehen.</p>
      <p>γ wägt zwei Wünsche ab: die Bilder zu beschreiben und sie zu unterscheiden. Mit kleinem γ zeichnet es besser und irrt öfter,
      mit großem ist es umgekehrt. Was nähme man für eine Tür, die sich nur für bekannte Gesichter öffnet?</p>
    </section>
    <section>
      <h2>Fragen an die Klasse</h2>
      <ul>
        <li>Welches Bild, das dazugehört, nennt es „nichts davon“? Was ist daran anders?</li>
        <li>Welches Ding, das nicht dazugehört, lässt es gelten? Was haben sie gemeinsam?</li>
        <li>Was geschieht, wenn eine Klasse drei Bilder hat und die andere dreißig?</li>
        <li>Was geschieht, wenn beide Klassen Bilder von demselben enthalten? Auch dazu sagt die Ansicht etwas.</li>
        <li>Wer hat die Bilder ausgesucht? Wessen Zeichnungen würde es nicht kennen?</li>
      </ul>
    </section>
    <section>
      <h2>Adressen für den Unterricht</h2>
      <p><code>?embed=teach</code> zeigt nur diese Ansicht. <code>without</code> lässt Teile davon weg, damit weniger zu fragen
      bleibt; mehrere trennt man durch Kommas:</p>
      <p><a href="./de.html?embed=teach&amp;without=kind,begin,gamma,vary,charts,archive,drawn"><code>?embed=teach&amp;without=kind,begin,gamma,vary,charts,archive,drawn</code></a></p>
      <dl>
        <dt><code>lesson</code></dt><dd>die Lektion und der Weg zu dieser Seite</dd>
        <dt><code>kind</code></dt><dd>grau oder farbig</dd>
        <dt><code>camera</code></dt><dd>die Kamera</dd>
        <dt><code>files</code></dt><dd>Bilddateien für eine Klasse</dd>
        <dt><code>drawn</code></dt><dd>Bilder, die das laufende Modell zeichnet</dd>
        <dt><code>archive</code></dt><dd>alle Bilder öffnen und speichern</dd>
        <dt><code>begin</code></dt><dd>womit das Training beginnt</dd>
        <dt><code>gamma</code></dt><dd>der Kompromiss γ</dd>
        <dt><code>vary</code></dt><dd>ob Bilder verändert werden</dd>
        <dt><code>charts</code></dt><dd>Kurven des Trainings</dd>
        <dt><code>map</code></dt><dd>die Karte der latenten Punkte</dd>
        <dt><code>samples</code></dt><dd>was es zeichnet</dd>
        <dt><code>notes</code></dt><dd>die Notizen unter der Ansicht</dd>
      </dl>
    </section>`,
};
