using SqueezeBert.ModelFolders.Onnx.Format;
using SqueezeBert.ModelFolders.Onnx.Layers;

namespace SqueezeBert.ModelFolders.Onnx.Operators;

/// <summary>Element-wise operators as functions of numbers.</summary>
internal static class NumberFunctions
{
    public static Func<double, double>? Unary(OnnxNode node) => node.IsStandard ? node.Operation switch
    {
        "Neg" => x => -x,
        "Abs" => Math.Abs,
        "Sqrt" => Math.Sqrt,
        "Reciprocal" => x => 1 / x,
        "Not" => x => x == 0 ? 1 : 0,
        "Floor" => Math.Floor,
        "Ceil" => Math.Ceiling,
        "Exp" => Math.Exp,
        "Log" => Math.Log,
        "Tanh" => Math.Tanh,
        "Sigmoid" => x => 1 / (1 + Math.Exp(-x)),
        "Relu" => x => Math.Max(x, 0),
        "Erf" => ElementFunction.Erf,
        _ => null,
    }
    : null;

    public static Func<double, double, double>? Binary(OnnxNode node) => node.IsStandard ? node.Operation switch
    {
        "Add" => (a, b) => a + b,
        "Sub" => (a, b) => a - b,
        "Mul" => (a, b) => a * b,
        "Div" => (a, b) => a / b,
        "Pow" => Math.Pow,
        "Min" => Math.Min,
        "Max" => Math.Max,
        "Equal" => (a, b) => a == b ? 1 : 0,
        "Less" => (a, b) => a < b ? 1 : 0,
        "LessOrEqual" => (a, b) => a <= b ? 1 : 0,
        "Greater" => (a, b) => a > b ? 1 : 0,
        "GreaterOrEqual" => (a, b) => a >= b ? 1 : 0,
        "And" => (a, b) => a != 0 && b != 0 ? 1 : 0,
        "Or" => (a, b) => a != 0 || b != 0 ? 1 : 0,
        _ => null,
    }
    : null;

    public static Func<long, long, long>? IntegerBinary(OnnxNode node) => node.IsStandard ? node.Operation switch
    {
        "Add" => (a, b) => unchecked(a + b),
        "Sub" => (a, b) => unchecked(a - b),
        "Mul" => (a, b) => unchecked(a * b),
        "Div" => (a, b) => b == 0 ? 0 : b == -1 ? unchecked(-a) : a / b,
        "Mod" => (a, b) => b is 0 or -1 ? 0 : ((a % b) + b) % b,
        "Min" => Math.Min,
        "Max" => Math.Max,
        _ => null,
    }
    : null;

    /// <summary>Returns whether a result is a boolean, which is represented as an integer.</summary>
    public static bool IsTruth(OnnxNode node) =>
        node.Operation is "Equal" or "Less" or "LessOrEqual" or "Greater" or "GreaterOrEqual" or "And" or "Or" or "Not" or "IsNaN";

    /// <summary>Returns what a cast does to a number, or null for a type that is not supported.</summary>
    public static Func<double, double>? Cast(long type) => type switch
    {
        9 => x => x != 0 ? 1 : 0,
        2 or 3 or 4 or 5 or 6 or 7 or 12 or 13 => Math.Truncate,
        1 or 10 or 11 or 16 => x => x,
        _ => null,
    };

    public static bool IsIntegerType(long type) => type is 2 or 3 or 4 or 5 or 6 or 7 or 9 or 12 or 13;
}
