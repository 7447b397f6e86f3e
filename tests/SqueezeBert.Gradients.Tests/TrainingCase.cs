using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Losses.Groups;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Tests;

/// <summary>A tiny reference model with its batch, labels and loss.</summary>
internal sealed class TrainingCase : IDisposable
{
    private readonly Objective _objective;

    public TrainingCase(string name, int threads = 1)
    {
        Expected = new TensorFile(TensorFile.Fixture($"training/{name}.safetensors"));
        Configuration = ModelConfiguration.Load(TensorFile.Fixture($"models/{name}"));
        var head = ModelGraph.HeadOf(Configuration);
        Graph = ModelGraph.Create(Configuration, head);
        Parameters = new ParameterStore(Graph.Parameters);
        LoadWeights(name);
        Pool = new WorkerPool(threads);
        Training = new GradientSession(Graph, [new OutputRequest(OutputNames.Logits, IsOverwritten: true)], Parameters, Pool);
        Loss = head == ModelHead.QuestionAnswering ? new GroupCrossEntropy()
            : name.EndsWith("regression", StringComparison.Ordinal) ? new MeanSquaredError() : new SoftmaxCrossEntropy();
        FillBatch(head);
        _objective = new Objective(Training, new LossTerm(OutputNames.Logits, Loss));
    }

    public TensorFile Expected { get; }

    public ModelConfiguration Configuration { get; }

    public Graph Graph { get; }

    public ParameterStore Parameters { get; }

    public WorkerPool Pool { get; }

    public GradientSession Training { get; }

    public Loss Loss { get; }

    public PackedBatch Batch { get; } = new();

    public LabelBatch Labels { get; } = new();

    /// <summary>Forward, loss and backward; the gradients stand in <see cref="Parameters"/>.</summary>
    public double Run(DropoutKey? dropout = null)
    {
        Training.PackWeights();
        Training.ClearGradients();
        _objective.Begin();
        _objective.Count(Batch, Labels);
        Training.Forward(Batch, dropout);
        _objective.AddGradients(Labels);
        Training.Backward();
        return _objective.Value;
    }

    /// <summary>As <see cref="Run"/>, a text a batch: accumulated gradients with one normaliser.</summary>
    public double RunInParts(DropoutKey dropout)
    {
        Training.PackWeights();
        Training.ClearGradients();
        _objective.Begin();
        _objective.Count(Batch, Labels);
        var label = 0;
        for (var text = 0; text < Batch.TextCount; text++)
        {
            var (start, end) = (Batch.TextStarts[text], Batch.TextStarts[text + 1]);
            var part = new PackedBatch();
            part.Add(Batch.TokenIds[start..end], Batch.TokenTypeIds[start..end], Batch.Positions[start..end]);
            foreach (var row in Batch.SelectedRows)
            {
                if (row >= start && row < end) part.Select(row - start);
            }

            var labels = new LabelBatch();
            for (var count = Batch.SelectedRows.IsEmpty ? 1 : part.SelectedRows.Length; count > 0; count--)
                labels.AddClass(Labels.Classes[label++]);
            Training.Forward(part, dropout with { FirstExample = text });
            _objective.AddGradients(labels);
            Training.Backward();
        }

        return _objective.Value;
    }

    public void Dispose()
    {
        Training.Dispose();
        Parameters.Dispose();
        Pool.Dispose();
    }

    private void LoadWeights(string name)
    {
        var weights = new TensorFile(TensorFile.Fixture($"models/{name}/model.safetensors"));
        foreach (var parameter in Graph.Parameters) weights.Floats(parameter.Name).CopyTo(Parameters.ValueSpan(parameter));
    }

    private void FillBatch(ModelHead head)
    {
        var ids = Expected.Integers("input.input_ids");
        var types = Expected.Integers("input.token_type_ids");
        var mask = Expected.Integers("input.attention_mask");
        var labels = head is ModelHead.MaskedLanguageModel or ModelHead.TokenClassification ? Expected.Integers("label.labels") : null;
        const int Rows = 4;
        var length = ids.Length / Rows;
        for (var row = 0; row < Rows; row++)
        {
            var real = Enumerable.Range(row * length, length).Where(i => mask[i] != 0).ToArray();
            var start = Batch.TokenCount;
            Batch.Add(real.Select(i => (int)ids[i]).ToArray(), real.Select(i => (int)types[i]).ToArray());
            for (var i = 0; labels is not null && i < real.Length; i++)
            {
                if (labels[real[i]] < 0) continue;
                if (head == ModelHead.MaskedLanguageModel) Batch.Select(start + i);
                Labels.AddClass((int)labels[real[i]]);
            }
        }

        if (labels is not null) return;
        if (Loss is MeanSquaredError) Labels.AddValues(Expected.Floats("label.labels"));
        else if (Loss is GroupCrossEntropy) AddSpans();
        else foreach (var label in Expected.Integers("label.labels")) Labels.AddClass((int)label);
    }

    // Each text is a group: one of its tokens is the first of the answer, one the last.
    private void AddSpans()
    {
        var (starts, ends) = (Expected.Integers("label.start_positions"), Expected.Integers("label.end_positions"));
        for (var text = 0; text < Batch.TextCount; text++)
        {
            Labels.AddGroup(Batch.TextStarts[text + 1] - Batch.TextStarts[text]);
            Labels.AddClass((int)starts[text]);
            Labels.AddClass((int)ends[text]);
        }
    }
}
