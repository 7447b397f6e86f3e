using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>What teachers say of each text, kept on disk: computed once, resumed, refused where it is not whole or another's.</summary>
public sealed class TeacherCacheTests
{
    [Fact]
    public void ASecondRunReadsWhatTheFirstHasComputed()
    {
        using var toy = new ToyStudent();
        var messages = new List<string>();
        var first = ToyStudent.Run(Recipe(toy, "first"), progress: new Messages(messages));
        Assert.Single(messages, message => message.Contains("texts to compute", StringComparison.Ordinal));
        var file = Assert.Single(Directory.GetFiles(toy.Place("cache")));
        using (var model = InferenceModel.Load(toy.Teacher))
            Assert.Equal($"{model.Fingerprint[..16]}-vectors.cache", Path.GetFileName(file));
        var bytes = File.ReadAllBytes(file);

        messages.Clear();
        ToyStudent.Run(Recipe(toy, "second"), threads: 3, progress: new Messages(messages));
        Assert.DoesNotContain(messages, message => message.Contains("texts to compute", StringComparison.Ordinal));
        Assert.Equal(toy.Weights("first"), toy.Weights("second"));
        Assert.Equal(bytes, File.ReadAllBytes(file));

        // In float16 the student learns the same as beside its teacher, up to the rounding of that.
        var beside = ToyStudent.Run(Recipe(toy, "beside", stage => stage.Remove("teacher_cache")));
        Assert.Equal(
            beside.Stages[0].Evaluation!.Figures["cosine"], first.Stages[0].Evaluation!.Figures["cosine"], 2e-3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void AResumedRunHasTheBitsOfAWholeOne(int step)
    {
        using var toy = new ToyStudent();
        ToyStudent.Run(Recipe(toy, "whole"));
        Directory.Delete(toy.Place("cache"), recursive: true);
        var recipe = Recipe(toy, "parts");
        using (var source = new CancellationTokenSource())
        {
            // At step 0 it is the sentence about the cache that ends the run: nothing has been computed by then.
            Assert.ThrowsAny<OperationCanceledException>(() => ToyStudent.Run(recipe, progress: new Moment(
                report => step == 0 ? report.Message?.Contains("to compute", StringComparison.Ordinal) == true
                    : report is { Event: TrainingEvent.Step, Step: 13 }, source), cancellation: source.Token));
        }

        Assert.Equal(step == 0, File.Exists(Assert.Single(Directory.GetFiles(toy.Place("cache"), "*.cache*"))[..^8] + ".partial"));
        ToyStudent.Run(recipe, resume: true);
        Assert.Equal(toy.Weights("whole"), toy.Weights("parts"));
    }

    /// <summary>A part is gone on with from its last whole block, wherever a crash has cut it; a whole cache takes further texts.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(0.95)]
    [InlineData(1)]
    public void APartIsGoneOnWith(double share)
    {
        using var toy = new ToyStudent();
        ToyStudent.Run(Recipe(toy, "whole"));
        var file = Assert.Single(Directory.GetFiles(toy.Place("cache")));
        var bytes = File.ReadAllBytes(file);
        File.Delete(file);
        File.WriteAllBytes(file + ".partial", bytes[..(int)(share * bytes.Length)]);
        ToyStudent.Run(Recipe(toy, "again"));
        Assert.Equal(toy.Weights("whole"), toy.Weights("again"));
        Assert.Equal(bytes.Length, new FileInfo(file).Length);
        Assert.False(File.Exists(file + ".partial"));

        File.WriteAllLines(toy.Place("more.txt"), ["good film and long dog", "a park is a film", "woman runs in the park", "bad guitar"]);
        var more = new List<string>();
        ToyStudent.Run(Recipe(toy, "longer", stage => stage["data"]!.AsArray().Add(
            JsonNode.Parse("""{ "file": "more.txt", "form": "paragraphs" }"""))), progress: new Messages(more));
        Assert.Contains(more, message => message.Contains("are there", StringComparison.Ordinal));
        Assert.True(new FileInfo(file).Length > bytes.Length);
    }

    /// <summary>
    /// A second run waits while the first fills the cache. The first is held when it says what it will compute, until the second has said
    /// that it waits.
    /// </summary>
    [Fact]
    public async Task ASecondRunWaitsForTheFirst()
    {
        using var toy = new ToyStudent();
        using var filling = new ManualResetEventSlim();
        using var waiting = new ManualResetEventSlim();
        var token = TestContext.Current.CancellationToken;
        var recipes = (First: Recipe(toy, "first"), Second: Recipe(toy, "second"));
        var first = Task.Run(() => ToyStudent.Run(recipes.First, progress: new Told("to compute", () =>
        {
            filling.Set();
            waiting.Wait(token);
        })), token);
        filling.Wait(token);
        var computed = false;
        ToyStudent.Run(recipes.Second, progress: new Told("another run is writing the teacher's cache", waiting.Set, message =>
            computed |= message.Contains("to compute", StringComparison.Ordinal)));
        await first;
        Assert.True(waiting.IsSet);
        Assert.False(computed);
        Assert.Equal(toy.Weights("first"), toy.Weights("second"));
        Assert.EndsWith(".cache", Assert.Single(Directory.GetFiles(toy.Place("cache"))), StringComparison.Ordinal);
    }

    /// <summary>A run that trains with the cache keeps nobody from adding to it, and goes on with its rows.</summary>
    [Fact]
    public void ARunAddsToACacheThatAnotherTrainsWith()
    {
        using var toy = new ToyStudent();
        ToyStudent.Run(Recipe(toy, "alone"));
        File.WriteAllLines(toy.Place("more.txt"), ["good film and long dog", "a park is a film", "woman runs in the park", "bad guitar"]);
        var longer = Recipe(toy, "longer", stage => stage["data"]!.AsArray().Add(
            JsonNode.Parse("""{ "file": "more.txt", "form": "paragraphs" }""")));
        var added = false;
        ToyStudent.Run(Recipe(toy, "beside"), progress: new Steps(step =>
        {
            if (step != 5) return;
            ToyStudent.Run(longer, progress: new Told("are there", () => added = true));
        }));
        Assert.True(added);
        Assert.Equal(toy.Weights("alone"), toy.Weights("beside"));
        var file = Assert.Single(Directory.GetFiles(toy.Place("cache")));
        ToyStudent.Run(Recipe(toy, "again"), progress: new Told("to compute", () => Assert.Fail(file)));
        Assert.Equal(toy.Weights("alone"), toy.Weights("again"));
    }

    [Theory]
    [InlineData(3, "no cache")]
    [InlineData(14, "damaged at its beginning")]
    [InlineData(70, "damaged behind byte 64")]
    [InlineData(200, "damaged behind byte 64")]
    [InlineData(-3, "damaged behind byte")]
    public void ADamagedCacheIsRefusedByName(int place, string reason)
    {
        using var toy = new ToyStudent();
        ToyStudent.Run(Recipe(toy, "whole"));
        var file = Assert.Single(Directory.GetFiles(toy.Place("cache")));
        var bytes = File.ReadAllBytes(file);
        bytes[place < 0 ? bytes.Length + place : place] ^= 0x10;
        File.WriteAllBytes(file, bytes);
        var error = Assert.Throws<InvalidModelFileException>(() => ToyStudent.Run(Recipe(toy, "again")));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("delete it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ACacheOfAnotherModelIsRefusedByName()
    {
        using var toy = new ToyStudent();
        ToyStudent.Run(Recipe(toy, "first"));
        var file = Assert.Single(Directory.GetFiles(toy.Place("cache")));
        var other = Recipe(toy, "second", stage => stage["teacher"] = "first");
        ToyStudent.Run(Recipe(toy, "third", stage => stage["teacher"] = "first"));
        var theirs = Directory.GetFiles(toy.Place("cache")).Single(path => path != file);
        File.Copy(file, theirs, overwrite: true);
        var error = Assert.Throws<InvalidModelFileException>(() => ToyStudent.Run(other));
        Assert.Contains(theirs, error.Message, StringComparison.Ordinal);
        Assert.Contains("is of another model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LogitsAreKeptToo()
    {
        using var toy = new ToyTask();
        Trainer.Run(Training.Recipe.Load(toy.Recipe("teacher")), cancellationToken: TestContext.Current.CancellationToken);
        TrainingResult Run(string name, string cache) => Trainer.Run(Training.Recipe.Load(toy.Recipe(name, recipe => OptimizerTests.Set(
            recipe, $$"""{ "teacher": ["teacher", "teacher"], {{cache}} "soft_labels": { "weight": 0.9 } }"""))),
            cancellationToken: TestContext.Current.CancellationToken);
        var beside = Run("beside", "");
        var first = Run("first", """ "teacher_cache": "cache", """);
        Run("second", """ "teacher_cache": "cache", """);
        Assert.EndsWith("-logits.cache", Assert.Single(Directory.GetFiles(toy.Path("cache"))), StringComparison.Ordinal);
        Assert.Equal(
            File.ReadAllBytes(toy.Path("first/model.safetensors")), File.ReadAllBytes(toy.Path("second/model.safetensors")));
        Assert.Equal(beside.Stages[0].Evaluation!.Loss, first.Stages[0].Evaluation!.Loss, 0.02);
    }

    [Theory]
    [InlineData("""{ "losses": { } }""", "stages[0].teacher_cache")]
    [InlineData("""{ "losses": { "hidden_states": 0 } }""", "stages[0].teacher_cache")]
    public void HiddenStatesAreNotKept(string settings, string field)
    {
        using var toy = new ToyStudent();
        var error = Assert.Throws<RecipeException>(() => ToyStudent.Run(Recipe(toy, "out", stage =>
        {
            foreach (var (name, value) in JsonNode.Parse(settings)!.AsObject()) stage[name] = value!.DeepClone();
        })));
        Assert.Equal(field, error.Field);
    }

    private static string Recipe(ToyStudent toy, string name, Action<JsonObject>? change = null) => toy.Recipe(name, recipe =>
    {
        var stage = recipe["stages"]![0]!.AsObject();
        stage["losses"] = JsonNode.Parse("""{ "hidden_states": 0, "layers": 0 }""");
        stage["teacher_cache"] = "cache";
        change?.Invoke(stage);
    });

    private sealed class Steps(Action<long> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Event == TrainingEvent.Step) action(value.Step);
        }
    }

    private sealed class Told(string part, Action action, Action<string>? other = null) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Message is not { } message) return;
            if (message.Contains(part, StringComparison.Ordinal)) action();
            else other?.Invoke(message);
        }
    }

    private sealed class Messages(List<string> messages) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Message is not null) messages.Add(value.Message);
        }
    }

    private sealed class Moment(Func<TrainingProgress, bool> isIt, CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (isIt(value)) source.Cancel();
        }
    }
}
