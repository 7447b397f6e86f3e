using System.Text;
using SqueezeBert.Assistant.Analysis;
using SqueezeBert.Assistant.Definitions;
using SqueezeBert.Assistant.Dialogue;

namespace SqueezeBert.Assistant.Tests.Dialogue;

/// <summary>A dialogue whose model is a table: the rules alone are tested.</summary>
internal sealed class Scripted
{
    private const string File = """
        nlu:
        - intent: alarm
          examples: |
            - wake me at [seven](time)
        - intent: travel
          examples: |
            - from [Rome]{"entity": "city", "role": "from"} to [Oslo]{"entity": "city", "role": "to"}
        - intent: weather
          examples: |
            - weather in [Rome](city)
        - intent: note
          examples: |
            - write [it](text)
        - intent: hello
          examples: |
            - hello
        - intent: pause
          examples: |
            - stop
            - Okay!
        - lookup: city
          examples: |
            - Rome
            - Oslo
            - Paris
        entities: { time: date-time }
        dialogue:
          timeout: 10 minutes
          attempts: 2
          intents:
            alarm:
              title: set an alarm
              slots: [{ slot: time, prompt: "When?" }]
              confirm: "At {time}?"
              answer: "Alarm at {time}."
            travel:
              slots: [{ slot: city.from, prompt: "From where?" }, { slot: city.to, prompt: "Where to?" }]
              answer: "From {city.from} to {city.to}."
            weather:
              slots: [{ slot: city, prompt: "In which city?", carry: 2 }]
              answer: "Sun in {city}."
            note:
              slots: [{ slot: text, prompt: "What shall I write?" }]
              answer: "Written: {text}"
        faq:
        - question: what does it cost
          answer: Nothing.
        """;

    private readonly AssistantDefinition _definition = DefinitionReader.Read("a.yml", Encoding.UTF8.GetBytes(File));
    private readonly Dictionary<string, Understanding> _known = new(StringComparer.Ordinal);
    private readonly DialogueEngine _engine;
    private readonly SlotNormalizer _normalizer;

    public Scripted()
    {
        _normalizer = new SlotNormalizer(_definition);
        _engine = new DialogueEngine(
            _definition, _normalizer, text => _known.GetValueOrDefault(text) ?? Answer(text, "hello", UnderstandingOutcome.OutOfScope, []),
            text => (_definition.Questions[0], text.Contains("cost", StringComparison.Ordinal) ? 0.9f : 0.1f));
    }

    public DateTimeOffset Now { get; set; } = new(2026, 5, 4, 9, 0, 0, TimeSpan.Zero);

    public DialogueState State { get; set; } = DialogueState.Start;

    /// <summary>What the model makes of a text from now on.</summary>
    public Scripted Knows(
        string text, string intent, UnderstandingOutcome outcome = UnderstandingOutcome.Understood,
        params (string Slot, string Words)[] slots)
    {
        _known[text] = Answer(text, intent, outcome, slots);
        return this;
    }

    /// <summary>Takes a turn; the state goes through JSON, as a host would keep it.</summary>
    public DialogueTurn Say(string text)
    {
        var turn = _engine.Reply(State, text, new AssistantThresholds(), Now);
        State = DialogueState.FromJson(turn.State.ToJson());
        Assert.Equal(turn.State.ToJson(), State.ToJson());
        return turn;
    }

    private Understanding Answer(string text, string intent, UnderstandingOutcome outcome, (string Slot, string Words)[] slots) => new()
    {
        Text = text,
        Intent = intent,
        Outcome = outcome,
        Confidence = outcome == UnderstandingOutcome.Understood ? 0.9f : 0.4f,
        Margin = outcome == UnderstandingOutcome.Understood ? 0.8f : 0.05f,
        InScope = outcome == UnderstandingOutcome.OutOfScope ? 0 : 1,
        Alternatives = [new LabelScore { Label = intent, Score = 0.4f }, new LabelScore { Label = "hello", Score = 0.35f }],
        Slots = [.. slots.Select(slot => new SlotMatch
        {
            Slot = slot.Slot,
            Text = slot.Words,
            Start = text.IndexOf(slot.Words, StringComparison.Ordinal),
            End = text.IndexOf(slot.Words, StringComparison.Ordinal) + slot.Words.Length,
            Confidence = 1,
            Margin = 1,
            Source = SlotSource.Model,
            Value = _normalizer.Read(slot.Slot, slot.Words, Now),
        })],
    };
}
