/** Texts of the page for teachers. They may hold HTML. */
export const teachers = {
  language: 'en',
  home: './',
  title: 'For teachers: a classifier that can say “none of these”',
  description: 'What a class can find out by teaching a small classifier in the browser: bias, ambiguity, not knowing.',
  back: 'Back to the page',
  lead:
    'In “Teach it your own”, pupils collect pictures of two or more classes, and a small network learns them in the ' +
    'browser. This page says what can be seen there, and why.',
  body: `
    <section>
      <h2>The lesson</h2>
      <p>“A first lesson” in the view leads through it: two classes, ten drawings of each, one more of either, something
      else, and forty steps of training. Two drawn shapes do well for a start, such as a sun and a house. With the camera,
      hold the button and move the thing a little; a plain ground helps.</p>
      <p>No pictures leave the computer: they stay in this browser until “Start over” is pressed. Where several pupils share
      a computer, save the pictures as a file, and start over.</p>
    </section>
    <section>
      <h2>It knows what was collected</h2>
      <p>The network sees nothing but the pictures. If all suns are drawn at the top and all houses at the bottom, the place
      is as good a sign as the shape. Try it: draw a sun at the bottom. What it was never shown to vary, it takes for part of
      the class. People speak of <em>bias</em> in what was collected.</p>
      <p>Turn off “Move, turn and light pictures a little each time”, start over with the same pictures, and compare: these
      small changes are pictures that nobody had to collect.</p>
    </section>
    <section>
      <h2>Undecided is not unknown</h2>
      <p>Draw something between both classes, half sun and half house. The bars divide: it is undecided
      (<em>ambiguity</em>). Draw something that has nothing to do with either. The bars may be quite sure of one, since they
      say only which of the classes fits better. That is why a second thing is said beside them: how many of the taught
      pictures are as strange as this one. At 5 % and below it says “unusual”, at 1 % and below “none of these”.</p>
      <p>This is no proof. Of pictures that do belong, about one in twenty will be called unusual, and things that resemble
      the pictures in all that the network has learnt to look at will pass. With ten pictures of each class, it misses many
      of the things that are none of them. Find some.</p>
    </section>
    <section>
      <h2>It can draw</h2>
      <p>The network runs in both directions: from a picture to numbers, the <em>latent</em>, and from numbers to a picture.
      What it draws shows what it takes for usual. In the map, every taught picture lies at its latent. Before any training,
      classes may lie in each other; watch them come apart.</p>
      <p>γ weighs two wishes: to describe the pictures, and to tell them apart. With a small γ, it draws better and errs more
      often; with a large one, the reverse. Which one would you want for a door that opens for known faces only?</p>
    </section>
    <section>
      <h2>Questions for the class</h2>
      <ul>
        <li>Which picture that belongs does it call “none of these”? What is different about it?</li>
        <li>Which thing that does not belong does it accept? What do they have in common?</li>
        <li>What happens if one class has three pictures, and the other one thirty?</li>
        <li>What happens if both classes hold pictures of the same thing? The view says something about that, too.</li>
        <li>Who chose the pictures? Whose drawings would it not know?</li>
      </ul>
    </section>
    <section>
      <h2>Addresses for a lesson</h2>
      <p><code>?embed=teach</code> shows this view alone. <code>without</code> leaves out parts of it, so that there is less to
      ask about; several are separated by commas:</p>
      <p><a href="./?embed=teach&amp;without=kind,begin,gamma,vary,charts,archive,drawn"><code>?embed=teach&amp;without=kind,begin,gamma,vary,charts,archive,drawn</code></a></p>
      <dl>
        <dt><code>lesson</code></dt><dd>the lesson, and the way to this page</dd>
        <dt><code>kind</code></dt><dd>grey or colour</dd>
        <dt><code>camera</code></dt><dd>the camera</dd>
        <dt><code>files</code></dt><dd>picture files for a class</dd>
        <dt><code>drawn</code></dt><dd>pictures that the running model draws</dd>
        <dt><code>archive</code></dt><dd>opening and saving all pictures</dd>
        <dt><code>begin</code></dt><dd>what training begins with</dd>
        <dt><code>gamma</code></dt><dd>the trade-off γ</dd>
        <dt><code>vary</code></dt><dd>whether pictures are varied</dd>
        <dt><code>charts</code></dt><dd>curves of the training</dd>
        <dt><code>map</code></dt><dd>the map of the latents</dd>
        <dt><code>samples</code></dt><dd>what it draws</dd>
        <dt><code>notes</code></dt><dd>the notes below the view</dd>
      </dl>
    </section>`,
};
