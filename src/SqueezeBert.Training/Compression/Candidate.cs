using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Tokenization;
using SqueezeBert.Training.Running;

namespace SqueezeBert.Training.Compression;

/// <summary>A model that may be the result: its weights and how they are stored.</summary>
/// <param name="Configuration">Its shape.</param>
/// <param name="Tensors">Its weights, not rounded.</param>
/// <param name="IsInt8">Whether linear layers are stored and computed in int8.</param>
/// <param name="Tables">How embedding tables are stored, with int8.</param>
internal sealed record Candidate(ModelConfiguration Configuration, CarriedTensors Tensors, bool IsInt8, TablePrecision Tables)
{
    /// <summary>Writes it as a model's folder.</summary>
    /// <param name="folder">Made if need be.</param>
    /// <param name="type">Of numbers that are not quantized, where nothing is.</param>
    /// <param name="tokenizer">Its files are written too.</param>
    public void Save(string folder, TensorType type, BertTokenizer tokenizer)
    {
        var tensors = ModelGraph.CreateWhole(Configuration).Parameters.Select(parameter => new NamedTensor(
            parameter.Name, parameter.Shape,
            (Tensors.Find(parameter.Name) ?? throw new InvalidModelFileException(
                folder, parameter.Name, "is missing in the given model, so that there is nothing to compress")).Data));
        if (IsInt8) ModelFolder.SaveQuantized(folder, Configuration, tensors, Tables, tokenizer);
        else ModelFolder.Save(folder, Configuration, tensors, type, tokenizer);
    }
}
