using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Graphs;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Optimization;
using SqueezeBert.Training.Running;
using SqueezeBert.Training.Tasks;
using SqueezeBert.Training.Tests.Data;

namespace SqueezeBert.Training.Tests.Tasks;

public sealed class TextFiguresTests
{
    private const int Labels = 1000;

    // Each with a score for each label, they would be more numbers than an array can hold.
    private const int Texts = 2_200_000;

    /// <summary>An evaluation of a few of very many held-out texts takes memory for these few.</summary>
    [Fact]
    public void OnlyTextsThatAreEvaluatedTakeMemory()
    {
        using var folder = new DataFolder();
        using var pool = new WorkerPool(1);
        var task = (LabelledTask)TrainingTasks.SingleLabel;
        var stage = new StageRecipe { Name = "x", Task = task, Data = [new DataSource { File = "x.tsv" }] };
        var configuration = ModelConfiguration.Parse(Encoding.UTF8.GetBytes($$"""
            {
              "model_type": "bert", "vocab_size": 31, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1,
              "intermediate_size": 8, "max_position_embeddings": 128, "num_labels": {{Labels}}
            }
            """), "toy");
        var input = new StageInput(stage, "recipe", ".", folder.Tokenizer, null);
        using var model = new StageModel(configuration, input, pool, new ModelParts(configuration));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var figures = task.CreateFigures(
            stage, new ManyTexts(), new SoftmaxCrossEntropy(), model.Training.Output(OutputNames.Logits), pool);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 100_000);
        Assert.NotNull(figures);
    }

    private sealed class ManyTexts : StageData
    {
        public ManyTexts() => HeldOut = new Set();

        private sealed class Set : ExampleSet
        {
            public override int TextCount => Texts;
        }
    }
}
