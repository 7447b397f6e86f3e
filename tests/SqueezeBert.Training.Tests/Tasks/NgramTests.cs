using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Tasks;

/// <summary>Heads that read the hashed n-grams of words.</summary>
public sealed class NgramTests
{
    private const string Few = """ "hashed_ngrams": { "buckets": 300, "dimensions": 8, "lengths": [2, 3] } """;

    private const string Names = $$"""
        "task": "token-classification", "data": [ { "file": "names.conll" } ], "epochs": 2, {{Few}}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// Made-up words, spelled letter by letter, where the last letters and their order decide. An encoder with random weights that are not
    /// trained knows nothing of that.
    /// </summary>
    [Fact]
    public void CharactersDecideWhereTheEncoderKnowsNothing()
    {
        using var toy = new ToyTask();
        WriteEndings(toy);
        var with = TrainEndings(toy, "with", JsonNode.Parse("""{ "buckets": 4096, "dimensions": 32 }"""));
        var without = TrainEndings(toy, "without", null);
        Assert.True(with > 0.95, $"f1 {with} with n-grams");
        Assert.True(without < 0.6, $"f1 {without} without");
        Assert.Equal(
            new HashedNgrams { Buckets = 4096, Dimensions = 32 }, ModelConfiguration.Load(toy.Path("with")).HashedNgrams);
        using var classifier = TokenClassifier.Load(toy.Path("with"), new TokenClassifierOptions { Aggregation = EntityAggregation.First });
        Assert.Equal(
            [("PLACE", "quaxville"), ("NAME", "zorkson")],
            classifier.Classify("hum quaxville elliv zorkson nos", null, Token).Entities.Select(entity => (entity.Label, entity.Text)));
    }

    [Fact]
    public void ARunThatIsInterruptedGoesOn()
    {
        using var toy = SpokenToy.Make();
        HeadRun.AssertResumes(toy, Names);
    }

    [Fact]
    public void AStartIsTakenOverIfItsNgramsAreTheSame()
    {
        using var toy = SpokenToy.Make();
        HeadRun.Train(toy, Names);
        var before = Tensor(toy, "out", "hashed_ngrams.embeddings.weight");

        // Without the field, and with the same one.
        var said = Tune(toy, "tuned", Names.Replace(", " + Few, "", StringComparison.Ordinal));
        Assert.DoesNotContain("at random", said, StringComparison.Ordinal);
        Assert.Equal(ModelConfiguration.Load(toy.Path("out")).HashedNgrams, ModelConfiguration.Load(toy.Path("tuned")).HashedNgrams);
        Assert.DoesNotContain("at random", Tune(toy, "same", Names), StringComparison.Ordinal);
        Assert.Equal(before, Tensor(toy, "same", "hashed_ngrams.embeddings.weight"), (x, y) => Math.Abs(x - y) < 1e-6);

        // The table of other lengths has the same shape, and none of its rows means the same.
        Assert.Contains(
            "at random: hashed_ngrams.embeddings.weight, hashed_ngrams.projection.weight (the start's is of other n-grams)",
            Tune(toy, "other", Names.Replace("[2, 3]", "[2, 4]", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.NotEqual(before, Tensor(toy, "other", "hashed_ngrams.embeddings.weight"), (x, y) => Math.Abs(x - y) < 1e-6);
    }

    /// <summary>A classifier of texts takes the place of that of words, with all that belongs to it.</summary>
    [Fact]
    public void TheyGoWithTheirHead()
    {
        using var toy = SpokenToy.Make();
        HeadRun.Train(toy, Names);
        Tune(toy, "texts", """
            "task": "single-label", "data": [ { "file": "data.tsv", "text": "sentence" } ]
            """);
        Assert.Null(ModelConfiguration.Load(toy.Path("texts")).HashedNgrams);
        using (var folder = ModelFolder.Open(toy.Path("texts")))
            Assert.DoesNotContain(folder.Tensors.Names, name => name.Contains("ngrams", StringComparison.Ordinal));

        // Beside another head they stay.
        Tune(toy, "words", """
            "task": "masked-language", "data": [ { "file": "plain.txt" } ]
            """);
        Assert.NotNull(ModelConfiguration.Load(toy.Path("words")).HashedNgrams);
        using var kept = ModelFolder.Open(toy.Path("words"));
        Assert.Contains("hashed_ngrams.embeddings.weight", kept.Tensors.Names);
    }

    [Fact]
    public void SlotsAndHeadsOfAJointStageHaveThem()
    {
        using var toy = SpokenToy.Make();
        const string Heads = $$"""
            "task": "joint", "epochs": 1, "data": null, "heads": [
              { "name": "names", "task": "token-classification", "data": [ { "file": "names.conll" } ], {{Few}} },
              { "name": "plain", "task": "token-classification", "data": [ { "file": "names.conll" } ] },
              { "name": "home", "task": "intents-and-slots", "data": [ { "file": "spoken.jsonl" } ], "hashed_ngrams": {} } ]
            """;
        HeadRun.Train(toy, Heads);
        using var folder = ModelFolder.Open(toy.Path("out"));
        var ngrams = folder.Configuration.NamedHeads.Select(head => head.HashedNgrams).ToList();
        Assert.Equal([new() { Buckets = 300, Dimensions = 8, MinLength = 2, MaxLength = 3 }, null, null, new()], ngrams);
        Assert.True(folder.TryFind("heads.home-slots.hashed_ngrams.embeddings.weight", out var table));
        Assert.Equal([8192, 64], table.Shape);
        using var model = InferenceModel.Load(toy.Path("out"));
        using var slots = new TokenClassifier(model, new TokenClassifierOptions { Head = "home-slots" });
        Assert.NotNull(slots.Classify("w13 w2 w14", null, Token));
    }

    [Theory]
    [InlineData("token-classification", """{ "buckets": 0 }""", "stages[0].hashed_ngrams.buckets", "from 1 to 1048576")]
    [InlineData("token-classification", """{ "buckets": 2000000 }""", "stages[0].hashed_ngrams.buckets", "from 1 to 1048576")]
    [InlineData("token-classification", """{ "dimensions": 1025 }""", "stages[0].hashed_ngrams.dimensions", "from 1 to 1024")]
    [InlineData("token-classification", """{ "lengths": [4, 2] }""", "stages[0].hashed_ngrams.lengths", "the smaller one first")]
    [InlineData("token-classification", """{ "lengths": [2.5, 4] }""", "stages[0].hashed_ngrams.lengths", "whole numbers")]
    [InlineData("token-classification", """{ "lengths": [2, 4, 6] }""", "stages[0].hashed_ngrams.lengths", "such as [2, 4]")]
    [InlineData("token-classification", """{ "length": [2, 4] }""", "stages[0].hashed_ngrams.length", "'lengths'")]
    [InlineData("token-classification", "true", "stages[0].hashed_ngrams", "must be an object")]
    [InlineData("single-label", "{}", "stages[0].hashed_ngrams", "leave it out")]
    [InlineData("masked-language", "{}", "stages[0].hashed_ngrams", "leave it out")]
    public void AWrongFieldIsNamed(string task, string value, string field, string reason)
    {
        using var toy = new ToyTask();
        var error = Assert.Throws<RecipeException>(() => Recipe.Load(toy.Recipe("wrong", recipe =>
        {
            recipe["stages"]![0] = JsonNode.Parse(
                $$"""{ "task": "{{task}}", "epochs": 1, "data": [ { "file": "a.txt" } ], "hashed_ngrams": {{value}} }""");
        })));
        Assert.Equal(field, error.Field);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AJointStageHasThemInItsHeads()
    {
        using var toy = new ToyTask();
        var error = Assert.Throws<RecipeException>(() => Recipe.Load(Joint("masked-language", "stage")));
        Assert.Equal("stages[0].hashed_ngrams", error.Field);
        Assert.Contains("each head's own", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<RecipeException>(() => Recipe.Load(Joint("masked-language", "head")));
        Assert.Equal("stages[0].heads[0].hashed_ngrams", error.Field);

        string Joint(string task, string place) => toy.Recipe("wrong", recipe => recipe["stages"]![0] = JsonNode.Parse($$"""
            { "task": "joint", "epochs": 1, {{(place == "stage" ? Few + "," : "")}} "heads": [
              { "name": "a", "task": "{{task}}", "data": [ { "file": "a.txt" } ] {{(place == "head" ? "," + Few : "")}} } ] }
            """));
    }

    private static double TrainEndings(ToyTask toy, string output, JsonNode? ngrams) => Trainer.Run(Recipe.Load(toy.Recipe(output, recipe =>
    {
        recipe["model"]!["max_position_embeddings"] = 128;
        recipe["stages"]![0] = JsonNode.Parse("""
            {
              "task": "token-classification", "data": [ { "file": "endings.conll" } ], "held_out": 5, "max_length": 128, "epochs": 10,
              "batch_size": 8, "learning_rate": 1e-2, "freeze": "encoder"
            }
            """);
        recipe["stages"]![0]!["hashed_ngrams"] = ngrams;
    })), cancellationToken: Token).Stages[0].Evaluation!.Figures["f1"];

    // The same letters in another order are no name, so that a sum of letters does not tell.
    private static void WriteEndings(ToyTask toy)
    {
        var letters = Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString()).ToList();
        File.WriteAllLines(
            toy.Path("vocab.txt"),
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. letters, .. letters.Select(letter => "##" + letter)]);
        var random = new Random(3);
        var lines = new List<string>();
        for (var sentence = 0; sentence < 400; sentence++)
        {
            for (var word = random.Next(4, 8); word > 0; word--)
            {
                var stem = string.Concat(Enumerable.Range(0, random.Next(2, 6)).Select(_ => letters[random.Next(26)]));
                lines.Add(random.Next(5) switch
                {
                    0 => $"{stem}ville\tB-PLACE",
                    1 => $"{stem}son\tB-NAME",
                    2 => $"{stem}elliv\tO",
                    3 => $"{stem}nos\tO",
                    _ => $"{stem}\tO",
                });
            }

            lines.Add("");
        }

        File.WriteAllLines(toy.Path("endings.conll"), lines);
    }

    /// <summary>Takes a step from the model in "out" that hardly changes it, and returns what the run says of its start.</summary>
    private static string Tune(ToyTask toy, string output, string stage)
    {
        var said = new List<string>();
        Trainer.Run(Recipe.Load(toy.Recipe(output, recipe =>
        {
            recipe.Remove("vocabulary");
            recipe.Remove("model");
            recipe["from"] = "out";
            var fields = JsonNode.Parse("{" + stage + "}")!.AsObject();
            fields.Remove("epochs");
            (fields["steps"], fields["learning_rate"], fields["max_length"]) = (1, 1e-9, 24);
            recipe["stages"]![0] = fields;
        })), progress: new Said(said), cancellationToken: Token);
        return said.Single(message => message.Contains("taken over", StringComparison.Ordinal));
    }

    private static float[] Tensor(ToyTask toy, string folder, string name)
    {
        using var model = ModelFolder.Open(toy.Path(folder));
        Assert.True(model.Tensors.TryGetTensor(name, out var info));
        var values = new float[info.ElementCount];
        model.Tensors.ReadFloats(name, values);
        return values;
    }

    private sealed class Said(List<string> messages) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value)
        {
            if (value.Message is { } message) messages.Add(message);
        }
    }
}
