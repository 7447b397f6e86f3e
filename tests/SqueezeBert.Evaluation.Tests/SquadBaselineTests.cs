namespace SqueezeBert.Evaluation.Tests;

/// <summary>What goes without a network for questions: the sentence that shares most words with the question.</summary>
public sealed class SquadBaselineTests
{
    private const string Context = "Ulm lies on the Danube. The Danube ends in the Black Sea. Boats go there in summer.";

    [Fact]
    public void TheSentenceWithMostWordsOfTheQuestionIsTheAnswer()
    {
        var set = Set(
            Question("1", "Where does the Danube end, in which sea?", Context, "The Danube ends in the Black Sea."),
            Question("2", "When do boats go?", Context, "summer"),
            Question("3", "What lies here?", "One sentence only lies here", "One sentence"));
        var report = SquadEvaluation.EvaluateBaseline([set], SquadVersion.V1).All.Report;
        var figures = report.Figures().ToDictionary(figure => figure.Name, figure => figure.Value);
        Assert.Equal(3, report.Examples);
        Assert.Equal(1 / 3.0, figures["exact_match"], 1e-12);

        // "boats go there in summer" has one right word of five, "one sentence only lies here" two of five.
        Assert.Equal((1 + (2 * 0.2 / 1.2) + (2 * 0.4 / 1.4)) / 3, figures["f1"], 1e-12);
    }

    [Fact]
    public void WithoutACommonWordItIsTheFirstSentenceAndWithoutWordsNothing()
    {
        var first = SquadEvaluation.EvaluateBaseline(
            [Set(Question("1", "Quid?", Context, "Ulm lies on the Danube."))], SquadVersion.V1).All.Report;
        Assert.All(first.Figures(), figure => Assert.Equal(1, figure.Value));
        var none = SquadEvaluation.EvaluateBaseline([Set(Question("1", "Quid?", "  ", "x"))], SquadVersion.V1).All.Report;
        Assert.All(none.Figures(), figure => Assert.Equal(0, figure.Value));
    }

    [Fact]
    public void QuestionsWithoutAnAnswerHaveABestThreshold()
    {
        var set = Set(
            Question("1", "Where does the Danube end?", Context, "The Danube ends in the Black Sea."),
            Question("2", "Quid?", Context));
        var figures = SquadEvaluation.EvaluateBaseline([set], SquadVersion.V2).All.Report.Figures()
            .ToDictionary(figure => figure.Name, figure => figure.Value);
        Assert.Equal(0.5, figures["exact"]);
        Assert.Equal(0, figures["NoAns_exact"]);
        Assert.Equal(1, figures["best_exact"]);
        Assert.InRange(figures["best_exact_thresh"], -10, -0.01);
    }

    [Fact]
    public void EachSetHasItsFiguresAndAllTogether()
    {
        var result = SquadEvaluation.EvaluateBaseline(
            [Set(Question("1", "Danube?", "Danube", "Danube")), Set(Question("1", "Danube?", "Danube", "Rhine"))], SquadVersion.V1);
        Assert.Equal([1.0, 0.0], result.Parts.Select(part => part.Report.Figures().First().Value));
        Assert.Equal(0.5, result.All.Report.Figures().First().Value);
    }

    [Fact]
    public void ItCanBeCancelled() => Assert.Throws<OperationCanceledException>(() => SquadEvaluation.EvaluateBaseline(
        [Set(Question("1", "Quid?", Context, "x"))], SquadVersion.V1, new CancellationToken(canceled: true)));

    private static SquadSet Set(params SquadQuestion[] questions) => new("dev.json", questions);

    private static SquadQuestion Question(string id, string question, string context, params string[] answers) =>
        new(id, question, context, [.. answers.Select(answer => new SquadAnswer(answer, null))]);
}
