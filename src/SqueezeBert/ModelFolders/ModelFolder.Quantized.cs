using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Kernels;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.Quantization;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Checkpoints;

/// <content>Writing with weights that are quantized.</content>
public sealed partial class ModelFolder
{
    /// <summary>
    /// As <see cref="Save"/>, with the weights of linear layers in int8 and one scale an output, in the layout of compressed-tensors. A
    /// model that is loaded from the folder computes in int8, with the bits that the same weights in float32 give when they are rounded on
    /// loading. What is not quantized is written in float32.
    /// </summary>
    /// <param name="folder">Where to.</param>
    /// <param name="configuration">Its architectures should name the head ("SqueezeBertForSequenceClassification").</param>
    /// <param name="tensors">Every parameter under its transformers name; tied ones once.</param>
    /// <param name="tables">How embedding tables are stored.</param>
    /// <param name="tokenizer">Its files are written too; null: none.</param>
    /// <exception cref="InvalidModelFileException">The configuration's values do not fit together.</exception>
    /// <exception cref="UnsupportedModelException">The head is not supported, or the model has nothing to quantize.</exception>
    /// <exception cref="ArgumentException">A weight to quantize is not finite; the message names the tensor.</exception>
    public static void SaveQuantized(
        string folder, ModelConfiguration configuration, IEnumerable<NamedTensor> tensors,
        TablePrecision tables = TablePrecision.Float32, BertTokenizer? tokenizer = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        configuration.Validate(System.IO.Path.Combine(folder, ModelConfiguration.FileName));
        var plan = PlanOf(configuration, tables);
        var writer = new SafetensorsWriter();
        foreach (var tensor in tensors)
        {
            if (plan.FormOf(tensor.Name) is not StoredForm.Float32 and var form) QuantizedTensorWriter.Add(writer, tensor, form);
            else Add(writer, tensor, TensorType.Float32);
        }

        Write(folder, configuration, writer, TensorType.Float32, tokenizer, plan.Describe());
    }

    /// <summary>What <see cref="SaveQuantized"/> stores as integers.</summary>
    /// <exception cref="UnsupportedModelException">The head is not supported, or the model has nothing to quantize.</exception>
    internal static QuantizationPlan PlanOf(ModelConfiguration configuration, TablePrecision tables) => QuantizationPlan.Of(
        configuration, tables, new TensorNames(SupportedArchitectures.Of(configuration), configuration.TieWordEmbeddings).Canonical);
}
