using SqueezeBert.Checkpoints;
using SqueezeBert.Inference;
using SqueezeBert.Models;
using SqueezeBert.Threading;
using SqueezeBert.Training.Engine;
using SqueezeBert.Training.Losses;

namespace SqueezeBert.Training.Tests.Engine;

/// <summary>A tiny reference model with its batch, labels and loss.</summary>
internal sealed class TrainingCase : IDisposable
{
    public TrainingCase(string name, int threads = 1)
    {
        Expected = new TensorFile(TensorFile.Fixture($"training/{name}.safetensors"));
        Configuration = ModelConfiguration.Load(TensorFile.Fixture($"models/{name}"));
        var head = ModelGraph.HeadOf(Configuration);
        Graph = ModelGraph.Create(Configuration, head);
        Parameters = new ParameterStore(Graph.Parameters);
        LoadWeights(name);
        Pool = new WorkerPool(threads);
        Training = new TrainingGraph(Graph, OutputNames.Logits, Parameters, Pool);
        Loss = name.EndsWith("regression", StringComparison.Ordinal) ? new MeanSquaredError() : new SoftmaxCrossEntropy();
        FillBatch(head == ModelHead.MaskedLanguageModel);
    }

    public TensorFile Expected { get; }

    public ModelConfiguration Configuration { get; }

    public Graph Graph { get; }

    public ParameterStore Parameters { get; }

    public WorkerPool Pool { get; }

    public TrainingGraph Training { get; }

    public Loss Loss { get; }

    public PackedBatch Batch { get; } = new();

    public LabelBatch Labels { get; } = new();

    /// <summary>Forward, loss and backward; the gradients stand in <see cref="Parameters"/>.</summary>
    public unsafe double Run(DropoutKey? dropout = null)
    {
        Training.PackWeights();
        Training.ClearGradients();
        Training.Forward(Batch, dropout);
        var weight = Loss.Weight(Labels, Training.OutputWidth);
        var sum = Loss.Compute(Training.OutputData, Training.OutputRows, Training.OutputWidth, Labels, weight, Pool);
        Training.Backward();
        return sum.Mean;
    }

    /// <summary>As <see cref="Run"/>, a text a batch: accumulated gradients with one normaliser.</summary>
    public unsafe double RunInParts(DropoutKey dropout)
    {
        Training.PackWeights();
        Training.ClearGradients();
        var weight = Loss.Weight(Labels, Configuration.Labels.Count);
        var (sum, label) = (default(LossSum), 0);
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
            for (var count = Batch.SelectedRows.IsEmpty ? 1 : part.SelectedRows.Length; count > 0; count--) labels.AddClass(Labels.Classes[label++]);
            Training.Forward(part, dropout with { FirstExample = text });
            sum += Loss.Compute(Training.OutputData, Training.OutputRows, Training.OutputWidth, labels, weight, Pool);
            Training.Backward();
        }

        return sum.Mean;
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

    private void FillBatch(bool tokenLabels)
    {
        var ids = Expected.Integers("input.input_ids");
        var types = Expected.Integers("input.token_type_ids");
        var mask = Expected.Integers("input.attention_mask");
        const int Rows = 4;
        var length = ids.Length / Rows;
        for (var row = 0; row < Rows; row++)
        {
            var real = Enumerable.Range(row * length, length).Where(i => mask[i] != 0).ToArray();
            var start = Batch.TokenCount;
            Batch.Add(real.Select(i => (int)ids[i]).ToArray(), real.Select(i => (int)types[i]).ToArray());
            if (!tokenLabels) continue;
            var labels = Expected.Integers("label.labels");
            for (var i = 0; i < real.Length; i++)
            {
                if (labels[real[i]] < 0) continue;
                Batch.Select(start + i);
                Labels.AddClass((int)labels[real[i]]);
            }
        }

        if (tokenLabels) return;
        if (Loss is MeanSquaredError) Labels.AddValues(Expected.Floats("label.labels"));
        else foreach (var label in Expected.Integers("label.labels")) Labels.AddClass((int)label);
    }
}
