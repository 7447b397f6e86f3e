using System.Text;
using SqueezeBert.Assistant.Definitions;

namespace SqueezeBert.Assistant.Tests.Definitions;

public sealed class DefinitionTests
{
    private const string Start =
        "nlu:\n- intent: go\n  examples: |\n    - to [Rome](city)\n- intent: stay\n  examples: |\n    - here\n";

    internal static AssistantDefinition Read(byte[] bytes) => DefinitionReader.Read("a.yml", bytes);

    [Fact]
    public void RasasFormsAreRead()
    {
        var definition = Read("""
            version: "3.1"
            nlu:
            - intent: book_flight
              examples: |
                - from [Berlin]{"entity": "city", "role": "from"} to [NYC]{"entity": "city", "role": "to", "value": "New York"} [at noon](time:12:00)
                - fly [brackets] (and words)
            - intent: faq/hours
              examples:
              - text: |
                  - when do you open
              - when do you close
            - synonym: New York
              examples: |
                - the big apple
            - regex: flight
              examples: |
                - [A-Z]{2}\d{3,4}
            - lookup: city
              examples: |
                - Berlin
                - New York
            entities:
              time: time
            """);
        Assert.Equal(["book_flight", "faq/hours"], definition.Intents);
        var flight = definition.Examples[0];
        Assert.Equal("from Berlin to NYC at noon", flight.Text);
        Assert.Equal(["city.from", "city.to", "time"], flight.Spans.Select(span => span.Slot));
        Assert.Equal(["Berlin", "NYC", "at noon"], flight.Spans.Select(span => flight.Text[span.Start..span.End]));
        Assert.Equal("fly [brackets] (and words)", definition.Examples[1].Text);
        Assert.Equal(["when do you open", "when do you close"], definition.Examples.Skip(2).Select(example => example.Text));
        Assert.Equal(("New York", "New York", "12:00"),
            (definition.Synonyms["nyc"], definition.Synonyms["the big apple"], definition.Synonyms["at noon"]));
        Assert.Equal(ValueKind.Time, definition.Entities["time"].Kind);
        Assert.Equal("New York", definition.Entities["city"].Lookup["new york"]);
        Assert.Matches(definition.Entities["flight"].Patterns[0], "lh0123");
        Assert.Equal(5, flight.Line);
    }

    [Fact]
    public void TheSampleIsRead()
    {
        var definition = DefinitionReader.ReadFile(Path.Combine(AppContext.BaseDirectory, "Sample", "home.yml"));
        Assert.Equal(["set_alarm", "set_timer", "get_weather", "transfer_money", "greet", "faq"], definition.Intents);
        Assert.Equal(12, definition.OutOfScope.Count);
        Assert.Equal(TimeSpan.FromMinutes(10), definition.Dialogue.Timeout);
        Assert.Contains("city", definition.SlotsOf["get_weather"]);
    }

    [Theory]
    [InlineData("nlu:\n- intent: a\n  exmples: |\n    - x\n",
        "a.yml:3: nlu[0].exmples: is no field that is known here; did you mean 'examples'?")]
    [InlineData("nlu:\n- intent: a\n  examples: |\n    - x\n    oops\n",
        "a.yml:5: nlu[0].examples: is a line that does not begin with '- ': 'oops'")]
    [InlineData("nlu:\n- intent: a\n  examples: |\n    - x [y](z\n", "a.yml:4: lacks the ')' of a mark")]
    [InlineData("nlu:\n- intent: a\n  examples: |\n    - x [y]{\"entity\": 1 2}\n", "a.yml:4: has a mark that is not JSON")]
    [InlineData("nlu:\n- intent: a\n  examples: |\n    - x [y]{\"role\": \"r\"}\n", "a.yml:4: has a mark without \"entity\"")]
    [InlineData("nlu:\n- intent: a b\n  examples: |\n    - x\n", "a.yml:2: nlu[0].intent: 'a b' is no name")]
    [InlineData("nlu:\n- regex: r\n  examples: |\n    - (a\n", "a.yml:4: nlu[0].examples: is no regular expression")]
    [InlineData("nlu:\n- regex: r\n  examples: |\n    - (?=a)b\n", "a.yml:4: nlu[0].examples: is a pattern with look-around")]
    [InlineData("nlu:\n- regex: r\n  examples: |\n    - ((a{99}){99}){99}\n",
        "a.yml:4: nlu[0].examples: repeats parts more than 2000 times")]
    [InlineData("nlu:\n- synonym: x\n  examples: |\n    - a\n- synonym: y\n  examples: |\n    - A\n",
        "a.yml:7: 'A' stands for 'y' here and for 'x' in line 4")]
    [InlineData("entities:\n  t: tme\n", "a.yml:2: entities.t: 'tme' is none of 'time'")]
    [InlineData("thresholds: { intent: 2 }\n", "a.yml:1: thresholds.intent: must be a number from 0 to 1")]
    [InlineData("faq:\n- question: a\n", "a.yml:2: faq[0].answer: is missing")]
    public void WhatIsWrongIsToldWithFileLineFieldAndRemedy(string text, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<AssistantFileException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("intents: { gp: { answer: x } }", "dialogue.intents.gp: is no intent: those are 'go'")]
    [InlineData("intents: { go: { slots: [{ slot: cty, prompt: x }] } }",
        "dialogue.intents.go.slots[0].slot: 'cty' is no slot: those are 'city'")]
    [InlineData("intents: { go: { slots: [{ slot: city }] } }", "dialogue.intents.go.slots[0].prompt: is missing")]
    [InlineData("intents: { go: { answer: 'to {town}' } }", "dialogue.intents.go.answer: '{town}' is not known here: those are 'city'")]
    [InlineData("timeout: soon", "dialogue.timeout: 'soon' is no time such as '30 minutes'")]
    [InlineData("replies: { ambiguous: '{third}?' }", "dialogue.replies.ambiguous: '{third}' is not known here")]
    [InlineData("attempts: 0", "dialogue.attempts: must be a whole number from 1 to 100")]
    public void WhatIsWrongWithTheDialogueIsTold(string dialogue, string expected) => Assert.Contains(
        expected, Assert.Throws<AssistantFileException>(() => Read($"{Start}dialogue: {{ {dialogue} }}\n")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void APatternCannotTakeLong()
    {
        var definition = Read("nlu:\n- regex: r\n  examples: |\n    - (a|a)*(a+)+b\n");
        var text = new string('a', 4_000);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Empty(UserPattern.Matches(definition.Entities["r"].Patterns[0], text));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
    }

    private static AssistantDefinition Read(string text) => Read(Encoding.UTF8.GetBytes(text));
}
