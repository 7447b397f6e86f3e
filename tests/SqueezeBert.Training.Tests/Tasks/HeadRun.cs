using System.Text.Json.Nodes;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Tasks;

/// <summary>Trains a tiny model for one task, as a whole and in two parts.</summary>
internal static class HeadRun
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Trains into the folder "out".</summary>
    /// <param name="toy">Holds the files.</param>
    /// <param name="stage">Fields of the stage besides the usual ones, which they replace: JSON without the braces.</param>
    /// <param name="tell">Receives the messages of the run.</param>
    public static StageResult Train(ToyTask toy, string stage, Action<string>? tell = null) => Trainer.Run(
        Recipe.Load(Write(toy, "out", stage)), progress: new Messages(tell ?? (_ => { })), cancellationToken: Cancelled).Stages[0];

    /// <summary>A run that is interrupted and goes on ends with the bits of one that is not, and with its figures.</summary>
    public static void AssertResumes(ToyTask toy, string stage)
    {
        var few = stage + """, "epochs": null, "steps": 12, "evaluate_every": 5""";
        var whole = Trainer.Run(Recipe.Load(Write(toy, "whole", few)), cancellationToken: Cancelled).Stages[0];
        var recipe = Write(toy, "parts", few);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Run(
            Recipe.Load(recipe), progress: new Moment(source), cancellationToken: source.Token));
        var parts = Trainer.Run(Recipe.Load(recipe), resume: true, cancellationToken: Cancelled).Stages[0];
        Assert.Equal((12, 12), (whole.Steps, parts.Steps));
        Assert.Equal(File.ReadAllBytes(toy.Path("whole/model.safetensors")), File.ReadAllBytes(toy.Path("parts/model.safetensors")));
        Assert.Equal(whole.Evaluation!.Loss, parts.Evaluation!.Loss);
        Assert.Equal(whole.Evaluation.Figures, parts.Evaluation.Figures);
    }

    private static string Write(ToyTask toy, string name, string stage) => toy.Recipe(name, recipe =>
    {
        var target = recipe["stages"]![0]!.AsObject();
        target.Remove("labels");
        target.Remove("evaluate_every");
        target["held_out"] = 5;
        var fields = Fields(stage);

        // Heads of a joint stage hold out texts of their own.
        if ((string?)fields.GetValueOrDefault("task") == TrainingTasks.Joint.Name) target.Remove("held_out");
        foreach (var (field, value) in fields) target[field] = value;
    });

    // Of fields that are there twice, the later ones count.
    private static Dictionary<string, JsonNode?> Fields(string stage)
    {
        using var json = System.Text.Json.JsonDocument.Parse("{" + stage + "}");
        var fields = new Dictionary<string, JsonNode?>();
        foreach (var field in json.RootElement.EnumerateObject()) fields[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        return fields;
    }

    private sealed class Messages(Action<string> tell) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value)
        {
            if (value.Message is { } message) tell(message);
        }
    }

    private sealed class Moment(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value)
        {
            if (value.Event == TrainingEvent.Step && value.Step == 7) source.Cancel();
        }
    }
}
