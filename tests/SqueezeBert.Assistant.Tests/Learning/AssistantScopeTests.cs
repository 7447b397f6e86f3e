using SqueezeBert.Assistant.Analysis;
using SqueezeBert.Assistant.Definitions;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Assistant.Tests.Learning;

/// <summary>A model that is trained already learns which texts are in scope.</summary>
public sealed class AssistantScopeTests : IClassFixture<AssistantTrainerTests.Trained>, IDisposable
{
    private static readonly string[] Outside =
        [.. from word in new[] { "twelve", "noon", "weather", "anna", "money", "friday" }
            from letters in new[] { "q x", "z z y", "x y x", "k q", "j j v", "w q z", "y y k", "x j" }
            select $"{letters} {word} {letters}"];

    private readonly string _folder = Directory.CreateTempSubdirectory("squeezebert-scope-").FullName;
    private readonly List<(string Text, string Intent)> _inside;

    public AssistantScopeTests(AssistantTrainerTests.Trained trained)
    {
        foreach (var file in Directory.EnumerateFiles(trained.Result.Output))
        {
            if (Path.GetFileName(file) is not (AssistantMeasures.FileName or Assistant.DistanceName))
                File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }

        _inside = [.. DefinitionReader.ReadFile(TinyEncoder.Sample).Examples.Select(example => (example.Text, example.Intent))];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WhatItLearnsIsInTheFolder()
    {
        var cancel = TestContext.Current.CancellationToken;
        var report = AssistantScope.Fit(_folder, _inside, Outside, cancellationToken: cancel);
        Assert.Equal((_inside.Count, Outside.Length, 0.05), (report.InScope, report.OutOfScope, report.FalseRefusals));
        Assert.InRange(report.Auroc, 0.9, 1);
        var measures = AssistantMeasures.Load(Path.Combine(_folder, AssistantMeasures.FileName));
        Assert.Equal("intent", measures.Head);
        Assert.NotNull(measures.Scope?.Regression);

        // The assistant says what the report says, but for what each text adds to what is learnt.
        using var assistant = Assistant.Load(_folder);
        var again = AssistantScope.Measure(assistant, [.. _inside.Select(text => text.Text)], Outside, cancellationToken: cancel);
        Assert.InRange(again.Auroc, report.Auroc - 0.05, 1);
        var inScope = _inside.Select(text => assistant.Understand(text.Text, cancel).InScope).ToList();
        var outOfScope = Outside.Select(text => assistant.Understand(text, cancel).InScope).ToList();
        Assert.Equal(
            (from yes in inScope from no in outOfScope select no < yes ? 1 : no == yes ? 0.5 : 0).Average(), again.Auroc, 1e-12);
        Assert.Equal(assistant.Thresholds.InScope, again.Threshold);
        Assert.Equal(inScope.Count(one => one < again.Threshold) / (double)inScope.Count, again.RefusedInScope);
        Assert.Equal(outOfScope.Count(one => one < again.Threshold) / (double)outOfScope.Count, again.RefusedOutOfScope);
        Assert.True(inScope.Count(one => one < again.RecallThreshold) <= 0.05 * inScope.Count);
        Assert.Equal(outOfScope.Count(one => one < again.RecallThreshold) / (double)outOfScope.Count, again.Recall);
    }

    [Fact]
    public void ADamagedFileIsReplacedAndFiguresStay()
    {
        var cancel = TestContext.Current.CancellationToken;
        var file = Path.Combine(_folder, AssistantMeasures.FileName);
        File.WriteAllText(file, """{"version":1,"figures":{"intent_accuracy":0.75}}""");
        AssistantScope.Fit(_folder, _inside, Outside, cancellationToken: cancel);
        Assert.Equal(0.75, AssistantMeasures.Load(file).Figures["intent_accuracy"]);
        File.WriteAllText(file, "{");
        Assert.Throws<InvalidModelFileException>(() => Assistant.Load(_folder));
        AssistantScope.Fit(_folder, _inside, Outside, cancellationToken: cancel);
        Assert.NotNull(AssistantMeasures.Load(file).Scope);
    }

    /// <summary>The report is by the threshold and the share that are asked for. A text right at the threshold is not refused.</summary>
    [Fact]
    public void TheThresholdIsTheOneThatIsAskedFor()
    {
        var cancel = TestContext.Current.CancellationToken;
        var strict = new AssistantOptions { Thresholds = new AssistantThresholds { InScope = 0.99 } };
        var report = AssistantScope.Fit(_folder, _inside, Outside, strict, falseRefusals: 0.2, cancellationToken: cancel);
        Assert.Equal((0.99, 0.2), (report.Threshold, report.FalseRefusals));
        double value;
        using (var assistant = Assistant.Load(_folder))
        {
            // Without a word of it in file or options, the threshold of a probability is a half.
            Assert.Equal(0.5, assistant.Thresholds.InScope);
            value = assistant.Understand(_inside[0].Text, cancel).InScope;
        }

        using var exact = Assistant.Load(_folder, strict with { Thresholds = strict.Thresholds with { InScope = value } });
        Assert.NotEqual(UnderstandingOutcome.OutOfScope, exact.Understand(_inside[0].Text, cancel).Outcome);
        Assert.Equal(0, AssistantScope.Measure(exact, [_inside[0].Text], Outside, cancellationToken: cancel).RefusedInScope);
        using var above = Assistant.Load(
            _folder, strict with { Thresholds = strict.Thresholds with { InScope = Math.BitIncrement(value) } });
        Assert.Equal(UnderstandingOutcome.OutOfScope, above.Understand(_inside[0].Text, cancel).Outcome);
        Assert.Equal(1, AssistantScope.Measure(above, [_inside[0].Text], Outside, cancellationToken: cancel).RefusedInScope);
    }

    [Fact]
    public void TextsThatCannotTeachAreRefusedAndNothingIsWritten()
    {
        Assert.Contains("39 different texts out of scope; 40 are needed: add others",
            Refused(_inside, Outside[..39]), StringComparison.Ordinal);
        Assert.Contains("3 different texts in scope; 40 are needed: add others", Refused(_inside[..3], Outside), StringComparison.Ordinal);

        // Equal texts count once, on either side.
        Assert.Contains("1 different texts in scope; 40",
            Refused([.. Enumerable.Repeat(_inside[0], 45)], Outside), StringComparison.Ordinal);
        Assert.Contains("30 different texts out of scope; 40",
            Refused(_inside, [.. Outside[..30], .. Outside[..30]]), StringComparison.Ordinal);

        // Words that the vocabulary does not have differ in nothing that the model sees.
        Assert.Contains("the same vector of all texts of each intent: add texts",
            Refused([.. Enumerable.Range(0, 45).Select(i => ($"{(char)(0x4e10 + i)}", "greet"))], Outside), StringComparison.Ordinal);
        Assert.Contains("'set_alarn' is no intent of the model: those are 'set_alarm'",
            Refused([.. _inside, ("wake me", "set_alarn")], Outside), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder, AssistantMeasures.FileName)));
        Assert.False(File.Exists(Path.Combine(_folder, Assistant.DistanceName)));
        using var assistant = Assistant.Load(_folder);
        Assert.Throws<ArgumentException>(() => AssistantScope.Measure(assistant, [], ["a"], cancellationToken: default));
        Assert.Throws<ArgumentException>(() => AssistantScope.Measure(assistant, ["a"], [], cancellationToken: default));

        string Refused(IReadOnlyList<(string, string)> inside, string[] outside) => Assert.Throws<ArgumentException>(
            () => AssistantScope.Fit(_folder, inside, outside, cancellationToken: TestContext.Current.CancellationToken)).Message;
    }
}
