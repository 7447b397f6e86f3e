using System.Text.Json.Nodes;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Tests.Starts;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>What a student cannot learn is said before anything is computed.</summary>
public sealed class DistillationRefusalTests
{
    [Theory]
    [InlineData("""{ "teacher": null }""", "stages[0].teacher", "is missing")]
    [InlineData("""{ "teacher": "teachr" }""", "teacher", "teacher")]
    [InlineData("""{ "losses": { "cosine": 0, "hidden_states": 0, "similarities": 0 } }""", "stages[0].losses", "nothing is left to learn")]
    [InlineData("""{ "losses": { "layer_pairs": [[0, 1]] } }""", "stages[0].losses.layer_pairs", "counted from 1")]
    [InlineData("""{ "losses": { "layer_pairs": [[1, 1], [1, 2]] } }""", "stages[0].losses.layer_pairs", "each of the student's once")]
    [InlineData("""{ "losses": { "layer_pairs": [[1, 5]] } }""", "losses.layer_pairs", "[1, 5] is beyond")]
    [InlineData("""{ "losses": { "cosin": 1 } }""", "stages[0].losses.cosin", "'cosine'")]
    [InlineData("""{ "similarity": { "file": "pairs.tsv", "text": "a", "label": "score" } }""", "stages[0].similarity.pair", "is missing")]
    [InlineData("""{ "labels": ["a", "b"] }""", "stages[0].labels", "leave it out")]
    [InlineData("""{ "data": [{ "file": "texts.txt", "form": "words" }] }""", "stages[0].data[0].form", "\"sentences\"")]
    [InlineData("""{ "data": [{ "file": "texts.txt", "form": "passages" }] }""", "data[0]", "has no passages to train on")]
    [InlineData("""{ "task": "masked-language", "similarity": null }""", "stages[0].teacher", "is for distillation")]
    public void AFieldIsNamed(string change, string field, string reason)
    {
        using var toy = new ToyStudent();
        var recipe = toy.Recipe("out", recipe =>
        {
            foreach (var (name, value) in JsonNode.Parse(change)!.AsObject()) recipe["stages"]![0]![name] = value?.DeepClone();
        });
        var error = Assert.Throws<RecipeException>(() => ToyStudent.Run(recipe));
        Assert.Equal(field, error.Field);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATeacherWithOtherPiecesIsRefused()
    {
        using var toy = new ToyStudent();
        var file = Path.Combine(toy.Teacher, "vocab.txt");
        File.Delete(Path.Combine(toy.Teacher, "tokenizer.json"));
        File.WriteAllText(file, File.ReadAllText(file).Replace("guitar", "violin", StringComparison.Ordinal));
        AssertRefused(toy, "another vocabulary than the student: piece", "is 'violin' there and 'guitar' here");
    }

    [Fact]
    public void ATeacherWithMorePiecesIsRefused()
    {
        using var toy = new ToyStudent();
        File.Delete(Path.Combine(toy.Teacher, "tokenizer.json"));
        File.WriteAllLines(Path.Combine(toy.Teacher, "vocab.txt"),
            File.ReadAllLines(Path.Combine(toy.Teacher, "vocab.txt")).SkipLast(1));
        AssertRefused(toy, "another vocabulary than the student: 23 pieces there and 24 here");
    }

    [Fact]
    public void ATeacherOfAnotherWidthIsRefused()
    {
        using var toy = new ToyStudent();
        using var wide = new TinyTeacher(change: fields => fields["hidden_size"] = 48);
        var recipe = toy.Recipe("out", recipe => recipe["stages"]![0]!["teacher"] = wide.Path);
        Assert.Contains("is 48 wide and the student 32", Assert.Throws<RecipeException>(() => ToyStudent.Run(recipe)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void ATeacherWithAnotherPoolingIsRefused()
    {
        using var toy = new ToyStudent();
        using var other = new TinyTeacher();
        var recipe = toy.Recipe("out", recipe => recipe["stages"]![0]!["teacher"] = other.Path);
        Assert.Contains("by the pooling Max", Assert.Throws<RecipeException>(() => ToyStudent.Run(recipe)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void ALossThatIsNotFiniteEndsTheRun()
    {
        using var toy = new ToyStudent();
        var recipe = toy.Recipe("out", recipe =>
        {
            var stage = recipe["stages"]![0]!;
            (stage["learning_rate"], stage["weight_decay"], stage["warmup"], stage["schedule"]) = (10, 10, 0, "constant");
            stage["steps"] = 1000;
        });
        var error = Assert.Throws<InvalidOperationException>(() => ToyStudent.Run(recipe));
        Assert.Matches("^stage 'toy': the loss is (NaN|-?Infinity) at step \\d+; .*lower learning_rate", error.Message);
    }

    [Fact]
    public void ASimilarityIsANumber()
    {
        using var toy = new ToyStudent();
        File.AppendAllText(toy.Place("pairs.tsv"), "a dog\ta man\tmuch\n");
        var error = Assert.Throws<DataFormatException>(() => ToyStudent.Run(toy.Recipe("out")));
        Assert.Equal(6, error.Line);
    }

    private static void AssertRefused(ToyStudent toy, params string[] reasons)
    {
        var error = Assert.Throws<RecipeException>(() => ToyStudent.Run(toy.Recipe("out")));
        Assert.Equal("teacher", error.Field);
        foreach (var reason in reasons) Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
