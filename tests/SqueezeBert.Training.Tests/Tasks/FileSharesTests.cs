using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Tasks;

public sealed class FileSharesTests
{
    [Fact]
    public void AFileThatIsEvaluatedByTwoColumnsHasTwoAccuracies()
    {
        using var toy = new ToyTask();
        var rows = File.ReadAllLines(toy.Path("data.tsv")).Skip(1).Take(50).Select(row => row.Split('\t'));
        File.WriteAllLines(toy.Path("ab.tsv"), rows.Select(row => $"{row[0]}\tw19\t{row[1]}").Prepend("a\tb\tlabel"));
        var evaluation = HeadRun.Train(toy, """
            "held_out": null, "epochs": 8, "evaluation": [ { "file": "ab.tsv", "text": "a" }, { "file": "ab.tsv", "text": "b" } ]
            """).Evaluation!;
        Assert.Equal(["ab.tsv", "ab.tsv (2)"], evaluation.BySource.Keys);
        Assert.True(evaluation.BySource["ab.tsv"] > evaluation.BySource["ab.tsv (2)"]);
        Assert.Equal(evaluation.Accuracy!.Value, evaluation.BySource.Values.Average(), 9);
    }

    [Fact]
    public void SoHasAFileOfTags()
    {
        using var toy = SpokenToy.Make();
        File.WriteAllLines(toy.Path("two.conll"), ["w0\tB-A", "w13\tO", "", "w14\tO"]);
        var evaluation = HeadRun.Train(toy, """
            "task": "token-classification", "data": [ { "file": "names.conll" } ], "held_out": null, "epochs": 1,
            "evaluation": [ { "file": "two.conll" }, { "file": "two.conll", "limit": 1 } ]
            """).Evaluation!;
        Assert.Equal(["two.conll", "two.conll (2)"], evaluation.BySource.Keys);
    }
}
