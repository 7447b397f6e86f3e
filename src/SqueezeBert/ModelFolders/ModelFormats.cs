using System.Diagnostics.CodeAnalysis;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.ModelFolders;

/// <summary>
/// Which kinds of files a program reads weights from. A program that is trimmed can leave out the readers of ONNX and PyTorch files, which
/// are a seventh of a shared library for C.
/// </summary>
internal static class ModelFormats
{
    private const string Switch = "SqueezeBert.ReadOnnxAndPyTorch";

    /// <summary>
    /// Whether ONNX and PyTorch files are read, which is so unless the program switches it off. The linker replaces the property by the
    /// value of the switch, and then leaves out what cannot be reached.
    /// </summary>
    [FeatureSwitchDefinition(Switch)]
    public static bool HasOnnxAndPyTorch => !AppContext.TryGetSwitch(Switch, out var isOn) || isOn;

    /// <summary>Creates the exception for a file of a format that the program was built without.</summary>
    public static UnsupportedModelException LeftOut(string path) => new(
        $"{path}: this program was built without the readers of ONNX and PyTorch files (SqueezeBertReadOnnxAndPyTorch = false); convert " +
            $"the model with 'squeezebert convert {path} FOLDER'");
}
